package onnxfile

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Load makes the network's weights variables of a scope, none of them trainable.
func (f *File) Load(scope *model.Scope) error {
	if err := f.model.VariablesToScope(scope); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	for v := range scope.IterVariables() {
		v.SetTrainable(false)
	}
	return nil
}

// Embeddings builds the network on images [batch, size, size, channels] with numbers in [0, 1], and returns [batch, Dim]. The scope is that
// of [File.Load].
func (f *File) Embeddings(scope *model.Scope, images *graph.Node) *graph.Node {
	return f.pooled(f.Values(scope, images, f.outputs()...))
}

// Values builds the network on images, as [File.Embeddings] takes them, up to some of its values.
func (f *File) Values(scope *model.Scope, images *graph.Node, names ...string) []*graph.Node {
	return f.values(scope, f.prepared(images), names...)
}

// values builds the network up to some of its values.
func (f *File) values(scope *model.Scope, input *graph.Node, names ...string) []*graph.Node {
	return f.model.CallGraph(scope, input.Graph(), map[string]*graph.Node{f.Input.Name: input}, names...)
}

// prepared brings pixels into the network's form.
func (f *File) prepared(images *graph.Node) *graph.Node {
	p, g := f.Preparation, images.Graph()
	channel := func(numbers [3]float64) *graph.Node {
		values := make([]float32, f.Input.Channels)
		for i := range values {
			values[i] = float32(numbers[i])
		}
		return graph.Const(g, tensors.FromFlatDataAndDimensions(values, 1, 1, 1, len(values)))
	}
	x := graph.Div(graph.Sub(graph.MulScalar(images, p.Scale), channel(p.Mean)), channel(p.Std))
	if p.BGR && f.Input.Channels == 3 {
		x = graph.Reverse(x, -1)
	}
	if f.Input.Layout == ChannelsFirst {
		x = graph.TransposeAllAxes(x, 0, 3, 1, 2)
	}
	return x
}

// tryBatch is a number of images that is no other number of the usual networks.
const tryBatch = 5

// unknown matches what onnx-gomlx says of an operation that it does not know.
var unknown = regexp.MustCompile(`unimplemented ONNX op "([^"]*)"`)

// try builds the network for a batch, and reads from it how many numbers per embedding there are.
func (f *File) try(backend compute.Backend) error {
	var dims []int
	kind, of := dtypes.Float32, f.Output
	var pooling error // is no matter of the batch
	err := caught(func() {
		g := graph.NewGraph(backend, "try")
		defer g.Finalize()
		scope := model.NewStore().RootScope()
		if err := f.model.VariablesToScope(scope); err != nil {
			panic(err)
		}
		outputs := f.values(scope, graph.Parameter(g, "images", shapes.Make(dtypes.Float32, f.Input.dims(tryBatch)...)), f.outputs()...)
		for i, out := range outputs {
			f.ranks = append(f.ranks, out.Rank())
			if out.DType() != dtypes.Float32 {
				kind, of = out.DType(), f.outputs()[i]
				return
			}
		}
		pooling = exceptions.TryCatch[error](func() { dims = f.pooled(outputs).Shape().Dimensions })
	})
	switch {
	case err != nil:
		return f.notBuilt(err)
	case pooling != nil:
		return pooling
	case kind != dtypes.Float32:
		return fmt.Errorf("has the output %q of %s, and embeddings are float32: choose another", of, kind)
	case dims[0] != tryBatch && f.Input.Batch > 0:
		return f.fixedBatch()
	case dims[0] != tryBatch:
		return fmt.Errorf("has the output %q with %d rows for %d images: choose one with a row an image", f.Output, dims[0], tryBatch)
	case dims[1] == 0:
		return fmt.Errorf("has the output %q of no numbers: choose another", f.Output)
	}
	f.Dim = dims[1]
	return nil
}

// caught runs a function and returns what it panics with, which is not always an error.
func caught(build func()) (err error) {
	if thrown := exceptions.Try(func() { err = exceptions.TryCatch[error](build) }); thrown != nil {
		return fmt.Errorf("%v", thrown)
	}
	return err
}

// notBuilt says what stopped GoMLX, naming the node where it can.
func (f *File) notBuilt(err error) error {
	if at := unknown.FindStringSubmatch(err.Error()); at != nil {
		for _, node := range f.graph.Node {
			if node.OpType == at[1] {
				return fmt.Errorf("has an operation that GoMLX does not know (%s): export it without, or choose an output before it", describe(node))
			}
		}
	}
	if f.Input.Batch > 0 {
		return fmt.Errorf("%w (GoMLX: %w)", f.fixedBatch(), err)
	}
	var bug runtime.Error
	if errors.As(err, &bug) {
		return fmt.Errorf("is damaged, or has something that GoMLX does not know (%w): export it again, or by another opset", err)
	}
	return err
}

func (f *File) fixedBatch() error {
	return fmt.Errorf("is for %d images at once and does not work for others: export it with a dynamic batch", f.Input.Batch)
}

// Steps lists the values on the way to the output, in an order in which they can be computed, and the operation that makes each.
func (f *File) Steps() (values, operations []string) {
	for i, used := range f.used(f.outputs()...) {
		if used {
			values, operations = append(values, f.graph.Node[i].Output[0]), append(operations, describe(f.graph.Node[i]))
		}
	}
	return values, operations
}
