package onnxexport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute-onnx/support/protos"
)

// batches are two sizes of a batch that no network has for another number.
var batches = [2]int{1009, 1013}

// errFixed is the error for a network whose graph cannot be had for any batch.
var errFixed = errors.New("onnxexport: the network's graph depends on how many inputs there are, in a way that is not known")

// anyBatch makes a graph that is for one batch fit any, by another one that is for another batch. The two differ in the shapes that
// operations are given. A Reshape may leave one number out, and a Slice may go to the end, wherever that is. An Expand need not repeat
// what the next operations do, or is told the batch.
func anyBatch(m, other *protos.ModelProto) error {
	g, o := m.Graph, other.Graph
	if len(g.Node) != len(o.Node) || len(g.Initializer) != len(o.Initializer) {
		return errFixed
	}
	f := freer{graph: g, shapes: make(map[string]shape), made: make(map[string]bool), used: consumers(g)}
	for i, c := range g.Initializer {
		places, err := differences(c, o.Initializer[i])
		if err != nil {
			return err
		}
		if slices.Contains(places, true) {
			f.shapes[c.Name] = shape{c, places}
		}
	}
	for i, node := range g.Node {
		if node.OpType != o.Node[i].OpType || !slices.Equal(node.Input, o.Node[i].Input) || !slices.Equal(node.Output, o.Node[i].Output) {
			return errFixed
		}
		if err := f.free(node); err != nil {
			return err
		}
	}
	g.Node = f.nodes
	g.Initializer = slices.DeleteFunc(g.Initializer, func(c *protos.TensorProto) bool { return f.shapes[c.Name].constant != nil })
	for _, value := range append(slices.Clone(g.Input), g.Output...) {
		value.Type.GetTensorType().Shape.Dim[0].Value = &protos.TensorShapeProto_Dimension_DimParam{DimParam: axisName}
	}
	return nil
}

// shape is a constant of int64 that has the batch in some places.
type shape struct {
	constant *protos.TensorProto
	at       []bool
}

// freer makes operations fit any batch.
type freer struct {
	graph  *protos.GraphProto
	shapes map[string]shape
	used   map[string][]string // the operations that take a value
	made   map[string]bool     // what was made in place of shapes
	nodes  []*protos.NodeProto // so far
}

// free adds a node whose shapes do not depend on the batch.
func (f *freer) free(node *protos.NodeProto) error {
	for k, name := range node.Input {
		s, depends := f.shapes[name]
		switch {
		case !depends:
		case node.OpType == "Reshape" && k == 1 && s.places() == 1:
			node.Input[k] = f.replaced(s, "rest", -1)
		case node.OpType == "Slice" && k == 2:
			node.Input[k] = f.replaced(s, "end", math.MaxInt64)
		case node.OpType == "Expand" && k == 1 && repeats(f.used[node.Output[0]]):
			node.Input[k] = f.replaced(s, "one", 1)
		case node.OpType == "Expand" && k == 1 && s.isBatch():
			node.Input[k] = f.told(s)
		default:
			return fmt.Errorf("%w (operation %s)", errFixed, node.OpType)
		}
	}
	f.nodes = append(f.nodes, node)
	return nil
}

// replaced returns the name of a shape with another number for the batch.
func (f *freer) replaced(s shape, how string, number int64) string {
	name := s.constant.Name + "_" + how
	if !f.made[name] {
		f.made[name] = true
		raw := slices.Clone(s.constant.RawData)
		for i, there := range s.at {
			if there {
				binary.LittleEndian.PutUint64(raw[8*i:], uint64(number))
			}
		}
		f.graph.Initializer = append(f.graph.Initializer,
			&protos.TensorProto{Name: name, DataType: s.constant.DataType, Dims: s.constant.Dims, RawData: raw})
	}
	return name
}

// told returns the name of a shape that has the inputs' own number.
func (f *freer) told(s shape) string {
	const batch = "batch"
	if !f.made[batch] {
		f.made[batch] = true
		end := func(name string, at int64) *protos.AttributeProto {
			return &protos.AttributeProto{Name: name, Type: protos.AttributeProto_INT, I: at}
		}
		f.nodes = append(f.nodes, &protos.NodeProto{OpType: "Shape", Input: []string{InputName}, Output: []string{batch},
			Attribute: []*protos.AttributeProto{end("start", 0), end("end", 1)}})
	}
	name := s.constant.Name + "_told"
	if !f.made[name] {
		f.made[name] = true
		mask := &protos.TensorProto{Name: name + "_places", DataType: int32(protos.TensorProto_BOOL), Dims: s.constant.Dims}
		for _, there := range s.at {
			mask.RawData = append(mask.RawData, map[bool]byte{true: 1}[there])
		}
		f.graph.Initializer = append(f.graph.Initializer, mask)
		f.nodes = append(f.nodes, &protos.NodeProto{OpType: "Where",
			Input: []string{mask.Name, batch, f.replaced(s, "one", 1)}, Output: []string{name}})
	}
	return name
}

// places counts a shape's numbers that depend on the batch.
func (s shape) places() (n int) {
	for _, there := range s.at {
		if there {
			n++
		}
	}
	return n
}

// isBatch reports whether all that depends on the batch is the batch itself.
func (s shape) isBatch() bool {
	for i, there := range s.at {
		if there && binary.LittleEndian.Uint64(s.constant.RawData[8*i:]) != uint64(batches[0]) {
			return false
		}
	}
	return true
}

// repeating are the operations that repeat what they are given once for all.
var repeating = []string{"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Where", "And", "Or", "Xor", "Equal", "Less", "LessOrEqual",
	"Greater", "GreaterOrEqual"}

func repeats(operations []string) bool {
	return len(operations) > 0 && !slices.ContainsFunc(operations, func(op string) bool { return !slices.Contains(repeating, op) })
}

// consumers lists the operations that take each value. The graph's outputs are taken too.
func consumers(g *protos.GraphProto) map[string][]string {
	used := make(map[string][]string)
	for _, node := range g.Node {
		for _, name := range node.Input {
			used[name] = append(used[name], node.OpType)
		}
	}
	for _, output := range g.Output {
		used[output.Name] = append(used[output.Name], "output")
	}
	return used
}

// differences says which numbers of a constant of int64 are others in another graph. Other constants may not differ.
func differences(a, b *protos.TensorProto) ([]bool, error) {
	if a.Name != b.Name || a.DataType != b.DataType || !slices.Equal(a.Dims, b.Dims) || len(a.RawData) != len(b.RawData) {
		return nil, errFixed
	}
	if slices.Equal(a.RawData, b.RawData) {
		return nil, nil
	}
	if a.DataType != int32(protos.TensorProto_INT64) {
		return nil, fmt.Errorf("%w (a constant of %v)", errFixed, a.Dims)
	}
	at := make([]bool, len(a.RawData)/8)
	for i := range at {
		at[i] = !slices.Equal(a.RawData[8*i:8*i+8], b.RawData[8*i:8*i+8])
	}
	return at, nil
}
