package onnxfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute-onnx/support/protos"
)

// simplify rewrites a network into operations that are known, with the same results: constants become weights, so that they can be trained
// and written back, and Dropout, which does nothing outside training, the identity. Weights are taken off the inputs, where old files have
// them too.
func simplify(m *protos.ModelProto) {
	weights := make(map[string]bool)
	var nodes []*protos.NodeProto
	for _, node := range m.Graph.Node {
		switch constant := attribute(node, "value").GetT(); {
		case node.OpType == "Constant" && constant != nil && constant.DataType == int32(protos.TensorProto_FLOAT) && len(constant.Dims) > 0:
			constant.Name = node.Output[0]
			m.Graph.Initializer = append(m.Graph.Initializer, constant)
			continue
		case node.OpType == "Dropout":
			node.OpType, node.Attribute, node.Input, node.Output = "Identity", nil, node.Input[:1], node.Output[:1]
		}
		nodes = append(nodes, node)
	}
	m.Graph.Node = nodes
	for _, weight := range m.Graph.Initializer {
		weights[weight.Name] = true
	}
	var inputs []*protos.ValueInfoProto
	for _, input := range m.Graph.Input {
		if !weights[input.Name] {
			inputs = append(inputs, input)
		}
	}
	m.Graph.Input = inputs
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
