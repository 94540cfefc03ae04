package onnxfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute-onnx/support/protos"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/onnx-gomlx/onnx"
)

// matrices are the operations that have a layer's matrix. Where [wrapper.oddKernel] was, what it put before a convolution has it.
var matrices = []string{"Conv", "ConvTranspose", "Gemm", "MatMul"}

// learnt are the operations whose weights are learnt: matrices, biases and scales, and a transformer's class token and places.
var learnt = append([]string{"Add", "Mul", "LayerNormalization", "PRelu", "Concat", "Expand", "Gather"}, matrices...)

// Layers returns how many layers with a matrix the embedding goes through.
func (f *File) Layers() int { return len(f.layers()) }

// layers returns the places, in the graph's nodes, of those that have a matrix of weights and lead to the output.
func (f *File) layers() (at []int) {
	used, weights := f.used(f.outputs()...), weightsOf(f.graph)
	for i, node := range f.graph.Node {
		matrix := func(name string) bool {
			return weights[name] != nil && len(weights[name].Dims) > 1 && !strings.HasPrefix(name, prefix)
		}
		if used[i] && (isLonger(node) || slices.Contains(matrices, node.OpType)) && slices.ContainsFunc(node.Input, matrix) {
			at = append(at, i)
		}
	}
	return at
}

// Depthwise reports whether the embedding goes through convolutions of channels by themselves, whose gradients are slow on a CPU.
func (f *File) Depthwise() bool {
	used := f.used(f.outputs()...)
	for i, node := range f.graph.Node {
		if used[i] && node.OpType == "Conv" && attribute(node, "group").GetI() > 1 {
			return true
		}
	}
	return false
}

// Train makes the weights of the last layers trainable, with what comes after each: biases, scales, normalisation over an image. Batch
// normalisation stays as it is, as does what comes before the first layer, which is preparation. last is at most [File.Layers]; that many
// are all. The scope is that of [File.Load].
func (f *File) Train(scope *model.Scope, last int) error {
	layers := f.layers()
	if last < 0 || last > len(layers) {
		return fmt.Errorf("%s has %d layers, of which %d cannot be trained", f.Path, len(layers), last)
	}
	if last == 0 {
		return nil
	}
	used, weights := f.used(f.outputs()...), weightsOf(f.graph)
	before := make([]bool, len(used)) // the layers that learn
	if last == len(layers) {
		before = f.used(f.graph.Node[layers[0]].Input...)
	} else {
		for i := range layers[len(layers)-last] {
			before[i] = true
		}
	}
	scope = scope.At(onnx.ModelScope)
	learns := make([]bool, len(used))
	for i, node := range f.graph.Node {
		if !used[i] || before[i] || !slices.Contains(learnt, node.OpType) {
			continue
		}
		for _, name := range node.Input {
			weight := weights[name]
			if weight == nil || weight.DataType != int32(protos.TensorProto_FLOAT) || scalar(weight) || strings.HasPrefix(name, prefix) {
				continue
			}
			v := scope.GetVariable(variableName(name))
			if v == nil {
				return fmt.Errorf("%s: the weight %s is not loaded", f.Path, name)
			}
			v.SetTrainable(true)
			learns[i] = true
		}
	}
	if name := f.evenAfter(learns); name != "" {
		return fmt.Errorf("%s has a kernel of even size (%s), whose weight or padding is computed, and GoMLX's gradient of what lies "+
			"before it is wrong: train fewer layers, behind it alone", f.Path, name)
	}
	return nil
}

// scalar reports whether a weight is one number, which is a constant of a formula.
func scalar(t *protos.TensorProto) bool {
	return !slices.ContainsFunc(t.Dims, func(d int64) bool { return d != 1 })
}

// variableName returns the name that onnx-gomlx gives a weight's variable.
func variableName(weight string) string { return strings.ReplaceAll(weight, model.ScopeSeparator, "|") }

// weightsOf returns a graph's weights by their names.
func weightsOf(g *protos.GraphProto) map[string]*protos.TensorProto {
	all := make(map[string]*protos.TensorProto)
	for _, weight := range g.Initializer {
		all[weight.Name] = weight
	}
	return all
}

// used reports which nodes lead to some values. A file has its nodes in an order in which they can be computed.
func (f *File) used(values ...string) []bool {
	needed, used := make(map[string]bool), make([]bool, len(f.graph.Node))
	for _, name := range values {
		needed[name] = true
	}
	for i, node := range slices.Backward(f.graph.Node) {
		if used[i] = slices.ContainsFunc(node.Output, func(name string) bool { return needed[name] }); used[i] {
			for _, name := range node.Input {
				needed[name] = true
			}
		}
	}
	return used
}

// Trainable returns the network as a function whose last layers learn, as by [File.Train]. Where a scope does not have the weights yet, the
// function loads them. It is for train.Function, and panics as graph functions do.
func (f *File) Trainable(last int) func(scope *model.Scope, images *graph.Node) *graph.Node {
	return func(scope *model.Scope, images *graph.Node) *graph.Node {
		if scope.At(onnx.ModelScope).GetVariable(variableName(f.graph.Initializer[0].Name)) == nil {
			if err := errors.Join(f.Load(scope), f.Train(scope, last)); err != nil {
				panic(err)
			}
		}
		return f.Embeddings(scope, images)
	}
}
