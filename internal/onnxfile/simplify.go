package onnxfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
)

// simplify rewrites a network into operations that GoMLX knows, with the same results. Constants become weights, so that they can be
// trained and written back. Weights are taken off the inputs, where old files have them too.
func simplify(m *protos.ModelProto) {
	w := wrapperOf(m)
	nodes, weights := m.Graph.Node, weightsOf(m.Graph)
	m.Graph.Node = nil
	for _, node := range nodes {
		w.simpler(node, weights)
	}
	m.Graph.Input = slices.DeleteFunc(m.Graph.Input, func(v *protos.ValueInfoProto) bool { return weights[v.Name] != nil })
}

// simpler adds a node, or others in its place.
func (w *wrapper) simpler(node *protos.NodeProto, weights map[string]*protos.TensorProto) {
	number := func(name string, otherwise float64) string {
		if a := attribute(node, name); a != nil {
			otherwise = float64(a.F)
		}
		return w.number(otherwise)
	}
	switch constant := attribute(node, "value").GetT(); node.OpType {
	case "Constant":
		if constant != nil && constant.DataType == int32(protos.TensorProto_FLOAT) && len(constant.Dims) > 0 {
			constant.Name = node.Output[0]
			w.g.Initializer = append(w.g.Initializer, constant)
			return
		}
	case "Identity": // by which an exporter lets layers share weights that were equal once
		if weight := weights[node.Input[0]]; weight != nil {
			w.g.Initializer = append(w.g.Initializer, &protos.TensorProto{Name: node.Output[0], DataType: weight.DataType, Dims: weight.Dims,
				RawData: weight.RawData, FloatData: weight.FloatData, Int32Data: weight.Int32Data, Int64Data: weight.Int64Data})
			return
		}
	case "Dropout": // nothing outside training
		node.OpType, node.Attribute, node.Input, node.Output = "Identity", nil, node.Input[:1], node.Output[:1]
	case "Conv":
		plainWindows(node)
		w.oddKernel(node)
	case "MaxPool", "AveragePool":
		plainWindows(node)
	case "HardSigmoid": // α·x + β between 0 and 1
		x := w.node("Mul", node.Input[0], number("alpha", 0.2))
		x = w.node("Max", w.node("Add", x, number("beta", 0.5)), w.number(0))
		w.node("Min", x, w.number(1))
		w.replaces(node)
		return
	case "LeakyRelu": // [x]_+ − α·[−x]_+, as with a learnt α
		node.Input = append(node.Input[:1], number("alpha", 0.01))
		fallthrough
	case "PRelu":
		positive := w.node("Max", node.Input[0], w.number(0))
		negative := w.node("Mul", w.node("Min", node.Input[0], w.number(0)), node.Input[1])
		w.node("Add", positive, negative)
		w.replaces(node)
		return
	case "Sum":
		x := node.Input[0]
		for _, other := range node.Input[1:] {
			x = w.node("Add", x, other)
		}
		w.node("Identity", x)
		w.replaces(node)
		return
	case "GlobalMaxPool":
		w.reduced("ReduceMax", node.Input[0], 1, 2, 3)
		w.replaces(node)
		return
	}
	w.g.Node = append(w.g.Node, node)
}

// replaces lets the last operation give what a node gave.
func (w *wrapper) replaces(node *protos.NodeProto) {
	w.last().Name, w.last().Output = node.Name, node.Output[:1]
}

// plainWindows says of a convolution or a pooling only what is not so anyway, and its padding in numbers where the stride is 1.
func plainWindows(node *protos.NodeProto) {
	all := func(a *protos.AttributeProto, want int64) bool {
		return !slices.ContainsFunc(a.GetInts(), func(v int64) bool { return v != want })
	}
	ones := func(a *protos.AttributeProto) bool { return all(a, 1) }
	same := string(attribute(node, "auto_pad").GetS())
	kernel := attribute(node, "kernel_shape").GetInts()
	counted := strings.HasPrefix(same, "SAME") && len(kernel) > 0 && ones(attribute(node, "strides")) && ones(attribute(node, "dilations"))
	unpadded := all(attribute(node, "pads"), 0) && !strings.HasPrefix(same, "SAME") && attribute(node, "ceil_mode").GetI() == 0
	node.Attribute = slices.DeleteFunc(node.Attribute, func(a *protos.AttributeProto) bool {
		return node.OpType != "Conv" && a.Name == "dilations" && ones(a) ||
			a.Name == "count_include_pad" && (unpadded || a.I == 0) ||
			a.Name == "auto_pad" && (same == "VALID" || same == "NOTSET" || counted)
	})
	if !counted {
		return
	}
	var first, last []int64
	for _, size := range kernel {
		less := (size - 1) / 2
		first, last = append(first, less), append(last, size-1-less)
	}
	if same == "SAME_LOWER" {
		first, last = last, first
	}
	node.Attribute = append(node.Attribute, intsAttribute("pads", append(first, last...)...))
}

// branches reports whether a node has graphs of its own, which may use the weights.
func branches(g *protos.GraphProto) bool {
	return slices.ContainsFunc(g.Node, func(node *protos.NodeProto) bool {
		return slices.ContainsFunc(node.Attribute, func(a *protos.AttributeProto) bool { return a.G != nil || len(a.Graphs) > 0 })
	})
}

// floats returns the numbers of a tensor of float32.
func floats(t *protos.TensorProto) ([]float32, error) {
	size := int64(1)
	for _, d := range t.Dims {
		if d < 0 || d > most || size > most/max(d, 1) {
			return nil, fmt.Errorf("has a weight of impossible dimensions (%s: %v)", t.Name, t.Dims)
		}
		size *= d
	}
	values := t.FloatData
	if len(t.RawData) > 0 {
		values = make([]float32, len(t.RawData)/4)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.RawData[4*i:]))
		}
	}
	if int64(len(values)) != size {
		return nil, fmt.Errorf("is cut or damaged: the weight %s has %d numbers and should have %v", t.Name, len(values), t.Dims)
	}
	return values, nil
}
