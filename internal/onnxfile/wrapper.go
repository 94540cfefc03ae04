package onnxfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute-onnx/support/protos"
)

// prefix begins the names of what is put round a network.
const prefix = "unipair_"

// wrapper puts operations round a graph.
type wrapper struct {
	g     *protos.GraphProto
	opset int64
}

// prepare makes the network's input of images [n, size, size, channels] with numbers in [0, 1], as [File.prepared] does.
func (w *wrapper) prepare(f *File) {
	p, in := f.Preparation, f.Input
	w.g.Input = slices.DeleteFunc(w.g.Input, func(v *protos.ValueInfoProto) bool { return v.Name == in.Name })
	w.g.Input = append([]*protos.ValueInfoProto{valueInfo(prefix+"images", "n", in.Size, in.Size, in.Channels)}, w.g.Input...)
	network := w.g.Node
	w.g.Node = nil
	x := w.node("Mul", prefix+"images", w.floats(p.Scale))
	x = w.node("Sub", x, w.floats(p.Mean[:in.Channels]...))
	x = w.node("Div", x, w.floats(p.Std[:in.Channels]...))
	if p.BGR && in.Channels == 3 {
		x = w.node("Gather", x, w.ints(2, 1, 0))
		w.last().Attribute = []*protos.AttributeProto{intAttribute("axis", 3)}
	}
	if in.Layout == ChannelsFirst {
		w.node("Transpose", x)
		w.last().Attribute = []*protos.AttributeProto{intsAttribute("perm", 0, 3, 1, 2)}
	}
	w.last().Output = []string{in.Name}
	w.g.Node = append(w.g.Node, network...)
}

// pooled makes one row of what each image's outputs are, as [File.pooled] does, and returns the value's name.
func (w *wrapper) pooled(f *File) string {
	var rows []string
	for i, name := range f.outputs() {
		rows = append(rows, w.row(f, name, f.ranks[i]))
	}
	if len(rows) == 1 {
		return rows[0]
	}
	x := w.node("Concat", rows...)
	w.last().Attribute = []*protos.AttributeProto{intAttribute("axis", 1)}
	return x
}

// row makes one row of each image's tokens or places, as [File.row] does.
func (w *wrapper) row(f *File, output string, rank int) string {
	switch {
	case rank == 2:
	case f.Pool == First:
		x := w.node("Gather", output, w.scalar(0))
		w.last().Attribute = []*protos.AttributeProto{intAttribute("axis", 1)}
		return x
	case f.Pool == Mean:
		axes := []int64{1}
		if rank == 4 && f.Input.Layout == ChannelsFirst {
			axes = []int64{2, 3}
		} else if rank == 4 {
			axes = []int64{1, 2}
		}
		return w.reduced("ReduceMean", output, 0, axes...)
	}
	return output
}

// reduced adds a reduction over axes, which keep is 1 to keep.
func (w *wrapper) reduced(op, x string, keep int64, axes ...int64) string {
	inputs, attributes := []string{x}, []*protos.AttributeProto{intAttribute("keepdims", keep)}
	if w.opset >= 18 { // where the axes became an input
		inputs = append(inputs, w.ints(axes...))
	} else {
		attributes = append(attributes, intsAttribute("axes", axes...))
	}
	name := w.node(op, inputs...)
	w.last().Attribute = attributes
	return name
}

// wrapperOf returns a wrapper of a network.
func wrapperOf(m *protos.ModelProto) *wrapper {
	w := &wrapper{g: m.Graph}
	for _, imported := range m.OpsetImport {
		if imported.Domain == "" || imported.Domain == "ai.onnx" {
			w.opset = imported.Version
		}
	}
	return w
}

// node adds an operation and returns the name of its result.
func (w *wrapper) node(op string, inputs ...string) string {
	name := fmt.Sprintf("%s%s%d", prefix, op, len(w.g.Node))
	w.g.Node = append(w.g.Node, &protos.NodeProto{OpType: op, Name: name, Input: inputs, Output: []string{name}})
	return name
}

func (w *wrapper) last() *protos.NodeProto { return w.g.Node[len(w.g.Node)-1] }

// floats adds a constant of float32.
func (w *wrapper) floats(values ...float64) string {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
	}
	return w.constant(&protos.TensorProto{DataType: int32(protos.TensorProto_FLOAT), Dims: []int64{int64(len(values))}, RawData: raw})
}

// number adds a constant of float32 without dimensions.
func (w *wrapper) number(value float64) string {
	name := w.floats(value)
	w.g.Initializer[len(w.g.Initializer)-1].Dims = nil
	return name
}

// zeros adds a constant of float32 of so many dimensions, 0 everywhere.
func (w *wrapper) zeros(dims ...int64) string {
	size := int64(1)
	for _, d := range dims {
		size *= d
	}
	name := w.floats(make([]float64, size)...)
	w.g.Initializer[len(w.g.Initializer)-1].Dims = dims
	return name
}

// ints adds a constant of int64.
func (w *wrapper) ints(values ...int64) string {
	return w.constant(&protos.TensorProto{DataType: int32(protos.TensorProto_INT64), Dims: []int64{int64(len(values))}, Int64Data: values})
}

// scalar adds a constant of int64 without dimensions.
func (w *wrapper) scalar(value int64) string {
	return w.constant(&protos.TensorProto{DataType: int32(protos.TensorProto_INT64), Int64Data: []int64{value}})
}

func (w *wrapper) constant(t *protos.TensorProto) string {
	t.Name = fmt.Sprintf("%sconstant%d", prefix, len(w.g.Initializer))
	w.g.Initializer = append(w.g.Initializer, t)
	return t.Name
}

func intAttribute(name string, value int64) *protos.AttributeProto {
	return &protos.AttributeProto{Name: name, Type: protos.AttributeProto_INT, I: value}
}

func intsAttribute(name string, values ...int64) *protos.AttributeProto {
	return &protos.AttributeProto{Name: name, Type: protos.AttributeProto_INTS, Ints: values}
}

// valueInfo describes a tensor of float32, whose dimensions are numbers, or names where any number fits.
func valueInfo(name string, dims ...any) *protos.ValueInfoProto {
	shape := &protos.TensorShapeProto{}
	for _, d := range dims {
		dim := &protos.TensorShapeProto_Dimension{}
		if number, fixed := d.(int); fixed {
			dim.Value = &protos.TensorShapeProto_Dimension_DimValue{DimValue: int64(number)}
		} else {
			dim.Value = &protos.TensorShapeProto_Dimension_DimParam{DimParam: d.(string)}
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &protos.ValueInfoProto{Name: name, Type: &protos.TypeProto{Value: &protos.TypeProto_TensorType{
		TensorType: &protos.TypeProto_Tensor{ElemType: int32(protos.TensorProto_FLOAT), Shape: shape}}}}
}
