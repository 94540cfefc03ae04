package pretrained

import (
	"context"
	"errors"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// tried counts the pictures that [Network.Measure] measures with.
const tried = 2

// ErrLimit is wrapped by the error of a measurement that was not done in time.
var ErrLimit = errors.New("not done in time")

// Measure returns what a step of so many pictures will take about, forward and back: by that share of what two pictures take, measured, once
// all is compiled. What is being computed cannot be broken off: where the limit, or ctx, comes first, it goes on unheeded.
func (o *Network) Measure(ctx context.Context, pictures int, limit time.Duration) (time.Duration, error) {
	type result struct {
		took time.Duration
		err  error
	}
	done := make(chan result, 1)
	go func() {
		took, err := o.measure()
		done <- result{took * time.Duration(pictures) / tried, err}
	}()
	select {
	case r := <-done:
		return r.took, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(limit):
		return 0, ErrLimit
	}
}

func (o *Network) measure() (time.Duration, error) {
	last, err := o.Backbone.Layers(o.File.Layers())
	if err != nil {
		return 0, err
	}
	store := model.NewStore()
	if err := errors.Join(o.File.Load(store.RootScope()), o.File.Train(store.RootScope(), last)); err != nil {
		return 0, err
	}
	exec, err := model.NewExec(o.backend, store, func(scope *model.Scope, images *graph.Node) *graph.Node {
		var learn []*graph.Node
		for v := range store.IterVariables() {
			if v.Trainable {
				learn = append(learn, v.NodeValue(images.Graph()))
			}
		}
		sum := graph.ScalarZero(images.Graph(), images.DType())
		for _, gradient := range graph.Gradient(graph.ReduceAllSum(o.File.Embeddings(scope, images)), learn...) {
			sum = graph.Add(sum, graph.ReduceAllSum(gradient))
		}
		return sum
	})
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	in := o.File.Input
	var began time.Time
	for range 2 { // the first is compiled
		began = time.Now()
		images := tensors.FromFlatDataAndDimensions(make([]float32, tried*in.Size*in.Size*in.Channels), tried, in.Size, in.Size, in.Channels)
		out, err := exec.Call(images)
		if err != nil {
			return 0, err
		}
		if _, err := tensors.CopyFlatData[float32](out[0]); err != nil { // which waits for it
			return 0, err
		}
	}
	return time.Since(began), nil
}
