package onnxfile

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
)

// Layout is the order of an image's axes.
type Layout string

// The orders that there are.
const (
	ChannelsFirst Layout = "NCHW" // as PyTorch has them
	ChannelsLast  Layout = "NHWC" // as TensorFlow has them, and GoMLX here
)

// mostSize bounds the pixels per side, as a training's settings do.
const mostSize = 1024

// Input says what a network takes.
type Input struct {
	Name     string
	Layout   Layout
	Size     int // width and height in pixels
	Channels int // 1 for gray or 3 for colour
	Batch    int // images at once, where the file fixes that; else 0
}

// inputOf reads the one input, and makes the graph's say any number of images of one size.
func inputOf(g *protos.GraphProto, size, open int) (Input, error) {
	if len(g.Input) != 1 {
		var names []string
		for _, input := range g.Input {
			names = append(names, input.Name)
		}
		return Input{}, fmt.Errorf("takes %d inputs (%q), and images are one: take the part of the network that sees images", len(names), names)
	}
	in := Input{Name: g.Input[0].Name}
	tensor := g.Input[0].Type.GetTensorType()
	if kind := protos.TensorProto_DataType(tensor.GetElemType()); kind != protos.TensorProto_FLOAT {
		return in, fmt.Errorf("takes %s (input %q), and float32 is given: take the network in float32", kind, in.Name)
	}
	dims := tensor.GetShape().GetDim()
	if len(dims) != 4 {
		return in, fmt.Errorf("takes %d dimensions (input %q), and images have 4: number, channels, height and width", len(dims), in.Name)
	}
	fixed := func(axis int) int { return int(dims[axis].GetDimValue()) } // 0 where it is not
	height, width := 0, 0
	switch first, last := fixed(1), fixed(3); {
	case first == 3 || first == 1 && last != 3:
		in.Layout, in.Channels, height, width = ChannelsFirst, first, fixed(2), fixed(3)
	case last == 3 || last == 1:
		in.Layout, in.Channels, height, width = ChannelsLast, last, fixed(1), fixed(2)
	// Exporters of transformers leave all open, and say by a name which are the channels.
	case first == 0 && strings.Contains(dims[1].GetDimParam(), "channel"):
		in.Layout, in.Channels, height, width = ChannelsFirst, 3, fixed(2), fixed(3)
	case last == 0 && strings.Contains(dims[3].GetDimParam(), "channel"):
		in.Layout, in.Channels, height, width = ChannelsLast, 3, fixed(1), fixed(2)
	case first > 0 || last > 0:
		return in, fmt.Errorf("takes %s (input %q), and images have 1 channel or 3, first or last: take another network", said(dims), in.Name)
	default:
		return in, fmt.Errorf("does not say how many channels it takes (input %q: %s): export it with 1 or 3 fixed", in.Name, said(dims))
	}
	if max(height, width, size) == 0 {
		size = open
	}
	switch {
	case height != width && height > 0 && width > 0:
		return in, fmt.Errorf("takes %d × %d pixels, and images are made square: export it for a square", height, width)
	case max(height, width, size) == 0:
		return in, fmt.Errorf("does not say how large its images are (input %q: %s): give a size", in.Name, said(dims))
	case size > 0 && max(height, width) > 0 && size != max(height, width):
		return in, fmt.Errorf("takes %d pixels per side, not %d: leave the size out", max(height, width), size)
	case max(height, width, size) > mostSize:
		return in, fmt.Errorf("takes %d pixels per side, and %d are the most here: take a network of smaller pictures", max(height, width, size), mostSize)
	}
	in.Size, in.Batch = max(height, width, size), fixed(0)
	dims[0].Value = &protos.TensorShapeProto_Dimension_DimParam{DimParam: "n"}
	for axis, d := range in.dims(0)[1:] {
		dims[axis+1].Value = &protos.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}
	}
	return in, nil
}

// dims returns the dimensions of a batch of images.
func (in Input) dims(batch int) []int {
	if in.Layout == ChannelsFirst {
		return []int{batch, in.Channels, in.Size, in.Size}
	}
	return []int{batch, in.Size, in.Size, in.Channels}
}

// said shows dimensions as the file has them.
func said(dims []*protos.TensorShapeProto_Dimension) string {
	text := ""
	for i, d := range dims {
		if i > 0 {
			text += " × "
		}
		switch {
		case d.GetDimValue() > 0:
			text += fmt.Sprint(d.GetDimValue())
		case d.GetDimParam() != "":
			text += d.GetDimParam()
		default:
			text += "?"
		}
	}
	return text
}
