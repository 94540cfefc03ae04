package onnxfile

import (
	"slices"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
)

// oddKernel adds zeros behind the kernel of a convolution, and as much padding behind its images, where its window is even: the results
// are the same. GoMLX 0.28.8 shifts the gradient of the images by a place where a window is even. The first layer passes none on.
// The zeros do not learn, by their name. A Pad would do the same, but ONNX Runtime 1.32 takes it for one of the images.
func (w *wrapper) oddKernel(node *protos.NodeProto) {
	weights := weightsOf(w.g)
	more, even := evenWindow(node, weights)
	weight := weights[node.Input[1]]
	first := !slices.ContainsFunc(w.g.Node, func(before *protos.NodeProto) bool { return slices.Contains(matrices, before.OpType) })
	pads := slices.Clone(attribute(node, "pads").GetInts())
	if len(pads) == 0 {
		pads = make([]int64, 2*len(more))
	}
	if !even || first || weight == nil || len(weight.Dims) != 2+len(more) || len(pads) != 2*len(more) || attribute(node, "auto_pad") != nil {
		return
	}
	kernel, dims := weight.Name, slices.Clone(weight.Dims)
	for i, step := range more {
		if step == 0 {
			continue
		}
		zeros := slices.Clone(dims)
		zeros[2+i] = 1
		kernel = w.node("Concat", kernel, w.zeros(zeros...))
		w.last().Attribute = []*protos.AttributeProto{intAttribute("axis", int64(2+i))}
		dims[2+i]++
		pads[len(more)+i] += step
	}
	node.Attribute = slices.DeleteFunc(node.Attribute, func(a *protos.AttributeProto) bool { return a.Name == "pads" || a.Name == "kernel_shape" })
	node.Attribute = append(node.Attribute, intsAttribute("pads", pads...), intsAttribute("kernel_shape", dims[2:]...))
	node.Input = slices.Clone(node.Input)
	node.Input[1] = kernel
}

// isLonger reports whether a node is what [wrapper.oddKernel] puts before a convolution: its kernel and zeros.
func isLonger(node *protos.NodeProto) bool {
	return node.OpType == "Concat" && strings.HasPrefix(node.Name, prefix)
}

// evenWindow reports whether a convolution's window, its kernel with what dilation leaves out, is even along an axis. It returns by how
// much one more number of the kernel makes it longer there.
func evenWindow(node *protos.NodeProto, weights map[string]*protos.TensorProto) (more []int64, even bool) {
	kernel, dilations := kernelOf(node, weights), attribute(node, "dilations").GetInts()
	more = make([]int64, len(kernel))
	for i, size := range kernel {
		step := int64(1)
		if i < len(dilations) {
			step = dilations[i]
		}
		if (size-1)*step%2 != 0 {
			more[i], even = step, true
		}
	}
	return more, even
}

// kernelOf returns a convolution's kernel, without its channels, from its attribute or else its weight.
func kernelOf(node *protos.NodeProto, weights map[string]*protos.TensorProto) []int64 {
	if kernel := attribute(node, "kernel_shape").GetInts(); len(kernel) > 0 {
		return kernel
	}
	if weight := weights[node.Input[1]]; weight != nil && len(weight.Dims) > 2 {
		return weight.Dims[2:]
	}
	return nil
}

// evenAfter names a convolution whose window is even, which [wrapper.oddKernel] left so, after a node that learns. Empty: there is none.
func (f *File) evenAfter(learns []bool) string {
	used, weights := f.used(f.outputs()...), weightsOf(f.graph)
	for i, node := range f.graph.Node {
		if !used[i] || node.OpType != "Conv" {
			continue
		}
		if _, even := evenWindow(node, weights); !even {
			continue
		}
		for k, before := range f.used(node.Input[0]) {
			if before && learns[k] {
				return describe(node)
			}
		}
	}
	return ""
}
