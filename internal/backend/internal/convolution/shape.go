package convolution

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What is computed of a convolution of images with a kernel.
const (
	value    = iota
	ofImages // the gradient of the images
	ofKernel // the gradient of the kernel
)

// axes counts those of a tensor: two of space and two others.
const axes = 4

// shape is a convolution of images [n, ih, iw, c] with a kernel whose axes o, c, kh, kw are so, sc, sy, sx numbers apart: [n, oh, ow, o]. In
// plan_linux.h it has the same fields in the same order.
type shape struct {
	what, n, ih, iw, c, o, kh, kw, oh, ow  int64
	strideY, strideX, dilationY, dilationX int64
	top, left, bottom, right               int64 // pixels of 0 round the images
	so, sc, sy, sx                         int64
}

// numbers returns the fields.
func (s shape) numbers() []int64 {
	return []int64{s.what, s.n, s.ih, s.iw, s.c, s.o, s.kh, s.kw, s.oh, s.ow, s.strideY, s.strideX, s.dilationY, s.dilationX,
		s.top, s.left, s.bottom, s.right, s.so, s.sc, s.sy, s.sx}
}

// tensor is one of float32. Letters tell what its axes are; at says where the axis of each letter is.
type tensor struct {
	dims [axes]int64
	at   [axes]int
}

// order returns the axes in the order of their letters.
func (t tensor) order() []int { return t.at[:] }

// in returns the tensor with its axes in an order.
func (t tensor) in(order []int) (out tensor) {
	for i, axis := range order {
		out.dims[i] = t.dims[axis]
	}
	return out
}

// String writes the type in StableHLO.
func (t tensor) String() string {
	return fmt.Sprintf("tensor<%dx%dx%dx%dxf32>", t.dims[0], t.dims[1], t.dims[2], t.dims[3])
}

// dim returns the size of a letter's axis.
func (t tensor) dim(letter int) int64 { return t.dims[t.at[letter]] }

// stride returns how many numbers there are from one of a letter's axis to the next.
func (t tensor) stride(letter int) int64 {
	step := int64(1)
	for _, d := range t.dims[t.at[letter]+1:] {
		step *= d
	}
	return step
}

// convolution is one of a program: its shape and tensors.
type convolution struct {
	shape
	first, second, result tensor
}

var (
	axesOf    = regexp.MustCompile(`#stablehlo\.conv<\[([^\]]*)\]x\[([^\]]*)\]->\[([^\]]*)\]>`)
	attribute = regexp.MustCompile(`(?m)^\s*(\w+) = (.*?),?$`)
	typed     = regexp.MustCompile(`^(?:array|dense)<(?:i64: )?([^>]*)>(?: : tensor<2x2xi64>)?$`)
)

// read tells which of the three a convolution of StableHLO is. It goes by attributes, by the types of operands and result, and by the axes
// along which the second operand is turned round. The gradient of images has the kernel turned round, and zeros between pixels where the
// value left some out. That of a kernel has channels in place of images and images in place of channels. Not ok is what is none of these:
// other types, other than two spatial axes, groups, or pixels cut off the edges.
func read(attributes, first, second, result string, turned []int64) (c convolution, ok bool) {
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(attributes, -1) {
		all[m[1]] = m[2]
	}
	names := axesOf.FindStringSubmatch(all["dimension_numbers"])
	if names == nil || all["feature_group_count"] != "1 : i64" || all["batch_group_count"] != "1 : i64" ||
		all["window_reversal"] != "array<i1: false, false>" {
		return c, false
	}
	strides, gaps, dilations := pair(all["window_strides"]), pair(all["lhs_dilation"]), pair(all["rhs_dilation"])
	padding := integers(all["padding"])
	if strides == nil || gaps == nil || dilations == nil || len(padding) != 4 {
		return c, false
	}
	var images, kernel, outputs tensor
	letters := [...]string{"b01f", "i01o", "b01f"}
	sparse := gaps[0] != 1 || gaps[1] != 1
	c.what = value
	switch lhs := strings.Split(names[1], ", "); {
	case !sparse && slices.Index(lhs, "f") < slices.Index(lhs, "b"):
		c.what, letters[0] = ofKernel, "f01b"
	case turned != nil && strides[0] == 1 && strides[1] == 1:
		c.what = ofImages
	case sparse:
		return c, false
	}
	for i, t := range []*tensor{&c.first, &c.second, &c.result} {
		if *t, ok = tensorOf([]string{first, second, result}[i], names[1+i], letters[i]); !ok {
			return c, false
		}
	}
	s := &c.shape
	switch c.what {
	case value:
		images, kernel, outputs = c.first, c.second, c.result
		s.c, s.o, s.sc, s.so = kernel.dim(0), kernel.dim(3), kernel.stride(0), kernel.stride(3)
		s.strideY, s.strideX, s.dilationY, s.dilationX = strides[0], strides[1], dilations[0], dilations[1]
		s.top, s.left = padding[0], padding[2]
	case ofImages:
		outputs, kernel, images = c.first, c.second, c.result
		if len(turned) != 2 || !slices.Contains(turned, int64(kernel.at[1])) || !slices.Contains(turned, int64(kernel.at[2])) {
			return c, false
		}
		s.o, s.c, s.so, s.sc = kernel.dim(0), kernel.dim(3), kernel.stride(0), kernel.stride(3)
		s.strideY, s.strideX, s.dilationY, s.dilationX = gaps[0], gaps[1], dilations[0], dilations[1]
		s.top, s.left = (kernel.dim(1)-1)*dilations[0]-padding[0], (kernel.dim(2)-1)*dilations[1]-padding[2]
	case ofKernel:
		images, outputs, kernel = c.first, c.second, c.result
		s.c, s.o, s.sc, s.so = kernel.dim(0), kernel.dim(3), kernel.stride(0), kernel.stride(3)
		s.strideY, s.strideX, s.dilationY, s.dilationX = dilations[0], dilations[1], strides[0], strides[1]
		s.top, s.left = padding[0], padding[2]
	}
	s.n, s.ih, s.iw, s.oh, s.ow = images.dim(0), images.dim(1), images.dim(2), outputs.dim(1), outputs.dim(2)
	s.kh, s.kw, s.sy, s.sx = kernel.dim(1), kernel.dim(2), kernel.stride(1), kernel.stride(2)
	s.bottom = (s.oh-1)*s.strideY + (s.kh-1)*s.dilationY + 1 - s.ih - s.top
	s.right = (s.ow-1)*s.strideX + (s.kw-1)*s.dilationX + 1 - s.iw - s.left
	if s.top < 0 || s.left < 0 || s.bottom <= -s.strideY || s.right <= -s.strideX {
		return c, false
	}
	s.bottom, s.right = max(s.bottom, 0), max(s.right, 0) // what the last stride leaves out
	return c, true
}

// tensorOf reads the type of a tensor of float32 whose axes have names, in the order of letters.
func tensorOf(typ, names, letters string) (t tensor, ok bool) {
	words, all := strings.Split(typ, "x"), strings.Split(names, ", ")
	if len(words) != axes+1 || words[axes] != "f32" || len(all) != axes {
		return t, false
	}
	for i := range axes {
		d, err := strconv.ParseInt(words[i], 10, 64)
		t.dims[i], t.at[i] = d, slices.Index(all, letters[i:i+1])
		if err != nil || d < 1 || t.at[i] < 0 {
			return t, false
		}
	}
	return t, true
}

// pair reads two numbers above 0, or returns nil.
func pair(text string) []int64 {
	if all := integers(text); len(all) == 2 && all[0] > 0 && all[1] > 0 {
		return all
	}
	return nil
}

// integers reads the numbers of an attribute. One that stands for all, or another type, has none.
func integers(text string) (all []int64) {
	if m := typed.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil
		}
		all = append(all, n)
	}
	return all
}
