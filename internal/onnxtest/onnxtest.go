// Package onnxtest makes small ONNX networks for tests.
package onnxtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute-onnx/support/protos"
	"google.golang.org/protobuf/proto"

	"github.com/unipair/unipair/internal/file"
)

// Network is an ONNX network that is being made: nodes in the order of the calls, each named by its operation and its number.
type Network struct {
	Proto  *protos.ModelProto
	random *rand.Rand
}

// New returns a network with one input of float32 called "image", of dimensions that are numbers, or names where any number fits.
func New(input ...any) *Network {
	return &Network{
		Proto: &protos.ModelProto{
			IrVersion:   8,
			OpsetImport: []*protos.OperatorSetIdProto{{Version: 17}},
			Graph:       &protos.GraphProto{Name: "test", Input: []*protos.ValueInfoProto{value("image", input)}},
		},
		random: rand.New(rand.NewPCG(1, 2)),
	}
}

// Weight adds a weight of random numbers, and returns its name.
func (n *Network) Weight(dims ...int64) string {
	size := int64(1)
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(n.random.NormFloat64() / math.Sqrt(float64(size)/float64(dims[0])))
	}
	return n.Floats(values, dims...)
}

// Floats adds a weight of float32, and returns its name.
func (n *Network) Floats(values []float32, dims ...int64) string {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return n.add(&protos.TensorProto{DataType: int32(protos.TensorProto_FLOAT), Dims: dims, RawData: raw})
}

// Ints adds a constant of int64 with one dimension, and returns its name.
func (n *Network) Ints(values ...int64) string {
	return n.add(&protos.TensorProto{DataType: int32(protos.TensorProto_INT64), Dims: []int64{int64(len(values))}, Int64Data: values})
}

func (n *Network) add(t *protos.TensorProto) string {
	t.Name = fmt.Sprintf("weight%d", len(n.Proto.Graph.Initializer))
	n.Proto.Graph.Initializer = append(n.Proto.Graph.Initializer, t)
	return t.Name
}

// Attributes are a node's: int, float64, string or []int64 by name.
type Attributes map[string]any

// Node adds an operation on values by their names, and returns the name of its result.
func (n *Network) Node(op string, attributes Attributes, inputs ...string) string {
	name := fmt.Sprintf("%s%d", op, len(n.Proto.Graph.Node))
	node := &protos.NodeProto{OpType: op, Name: name, Input: inputs, Output: []string{name + "_out"}}
	for name, v := range attributes {
		a := &protos.AttributeProto{Name: name}
		switch v := v.(type) {
		case int:
			a.Type, a.I = protos.AttributeProto_INT, int64(v)
		case float64:
			a.Type, a.F = protos.AttributeProto_FLOAT, float32(v)
		case string:
			a.Type, a.S = protos.AttributeProto_STRING, []byte(v)
		case []int64:
			a.Type, a.Ints = protos.AttributeProto_INTS, v
		case *protos.TensorProto:
			a.Type, a.T = protos.AttributeProto_TENSOR, v
		default:
			panic(fmt.Sprintf("onnxtest: attribute %s has the type %T", name, v))
		}
		node.Attribute = append(node.Attribute, a)
	}
	n.Proto.Graph.Node = append(n.Proto.Graph.Node, node)
	return node.Output[0]
}

// Output makes a value an output, of dimensions as in [New].
func (n *Network) Output(name string, dims ...any) *Network {
	n.Proto.Graph.Output = append(n.Proto.Graph.Output, value(name, dims))
	return n
}

// Bytes returns the file's content.
func (n *Network) Bytes(t testing.TB) []byte {
	t.Helper()
	content, err := proto.Marshal(n.Proto)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// File writes the network to a temporary file, and returns its path.
func (n *Network) File(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "network.onnx")
	if err := file.WriteBytes(path, n.Bytes(t)); err != nil {
		t.Fatal(err)
	}
	return path
}

// value describes a tensor of float32.
func value(name string, dims []any) *protos.ValueInfoProto {
	shape := &protos.TensorShapeProto{}
	for _, d := range dims {
		dim := &protos.TensorShapeProto_Dimension{}
		switch d := d.(type) {
		case int:
			dim.Value = &protos.TensorShapeProto_Dimension_DimValue{DimValue: int64(d)}
		case string:
			dim.Value = &protos.TensorShapeProto_Dimension_DimParam{DimParam: d}
		default:
			panic(fmt.Sprintf("onnxtest: a dimension is %v", d))
		}
		shape.Dim = append(shape.Dim, dim)
	}
	return &protos.ValueInfoProto{Name: name, Type: &protos.TypeProto{Value: &protos.TypeProto_TensorType{
		TensorType: &protos.TypeProto_Tensor{ElemType: int32(protos.TensorProto_FLOAT), Shape: shape}}}}
}

// Convolutional returns a network of images in colour, [n, 3, 8, 8], that makes 6 numbers of each. It is a convolution of stride 2, ReLU,
// the mean over places, and a product.
func Convolutional() *Network {
	n := New("n", 3, 8, 8)
	x := n.Node("Conv", Attributes{"kernel_shape": []int64{3, 3}, "pads": []int64{1, 1, 1, 1}, "strides": []int64{2, 2}},
		"image", n.Weight(4, 3, 3, 3), n.Weight(4))
	x = n.Node("Relu", nil, x)
	x = n.Node("GlobalAveragePool", nil, x)
	x = n.Node("Flatten", nil, x)
	x = n.Node("Gemm", nil, x, n.Weight(4, 6), n.Weight(6))
	return n.Output(x, "n", 6)
}

// Halved returns a network of images in colour, [n, 3, 8, 8], that makes 6 numbers of each, with a convolution of 2 × 2 between others.
func Halved() *Network {
	n := New("n", 3, 8, 8)
	x := n.Node("Conv", Attributes{"kernel_shape": []int64{3, 3}}, "image", n.Weight(4, 3, 3, 3), n.Weight(4))
	x = n.Node("Relu", nil, x)
	x = n.Node("Conv", Attributes{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}}, x, n.Weight(4, 4, 2, 2), n.Weight(4))
	x = n.Node("Relu", nil, x)
	x = n.Node("Flatten", nil, n.Node("GlobalAveragePool", nil, x))
	x = n.Node("Gemm", nil, x, n.Weight(4, 6), n.Weight(6))
	return n.Output(x, "n", 6)
}

// Padded makes [Convolutional] with its paddings as torch's old exporter writes them (dynamo=False). The list of pads, turned round by a
// chain of operations, goes into a Pad before the convolution.
func Padded() *Network {
	n := New("n", 3, 8, 8)
	pads := n.Ints(1, 1, 1, 1) // left, right, top, bottom: PyTorch's order
	rest := n.Node("ConstantOfShape", Attributes{"value": &protos.TensorProto{DataType: int32(protos.TensorProto_INT64), Dims: []int64{1},
		Int64Data: []int64{0}}}, n.Ints(4))
	x := n.Node("Concat", Attributes{"axis": 0}, pads, rest)
	x = n.Node("Reshape", nil, x, n.Ints(-1, 2))
	x = n.Node("Slice", nil, x, n.Ints(-1), n.Ints(math.MinInt64+1), n.Ints(0), n.Ints(-1))
	x = n.Node("Transpose", Attributes{"perm": []int64{1, 0}}, x)
	x = n.Node("Reshape", nil, x, n.Ints(-1))
	x = n.Node("Cast", Attributes{"to": int(protos.TensorProto_INT64)}, x)
	x = n.Node("Pad", Attributes{"mode": "constant"}, "image", x)
	x = n.Node("Conv", Attributes{"kernel_shape": []int64{3, 3}, "strides": []int64{2, 2}}, x, n.Weight(4, 3, 3, 3), n.Weight(4))
	x = n.Node("Relu", nil, x)
	x = n.Node("GlobalAveragePool", nil, x)
	x = n.Node("Flatten", nil, x)
	x = n.Node("Gemm", nil, x, n.Weight(4, 6), n.Weight(6))
	return n.Output(x, "n", 6)
}
