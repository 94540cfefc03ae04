package train_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/layers/norm"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// ours is a network of GoMLX's own layers, with batch normalisation and dropout.
var ours = train.Function{Name: "ours", Build: func(scope *model.Scope, x *graph.Node) *graph.Node {
	x = layers.Convolution(scope.In("conv"), x).Channels(4).KernelSize(3).Strides(2).PadSame().Done()
	x = activation.Relu(norm.BatchNorm(scope.In("norm"), x, -1).Done())
	x = layers.Dropout(scope.In("dropout"), graph.Reshape(x, x.Shape().Dim(0), -1), graph.Const(x.Graph(), float32(0.1)))
	return layers.Dense(scope.In("dense"), x, true, 8)
}}

func TestFunction(t *testing.T) {
	b, c, dir := backendtest.XLA(t), tiny(), t.TempDir()
	c.Network = train.Network{Size: 16, Dim: 8}
	c.Steps, c.Average = 16, 0.5
	c.Classes, c.Validation = 3, train.Validation{Fraction: 0.4, Every: 8}
	whole := run(t, b, c, train.Options{Network: &ours})
	if h := whole.History; !(h[15].Positive.Mean-h[15].Negative.Mean > h[0].Positive.Mean-h[0].Negative.Mean) {
		t.Errorf("s_p − s_n is %v at first, %v at last", h[0].Positive.Mean-h[0].Negative.Mean, h[15].Positive.Mean-h[15].Negative.Mean)
	}
	ctx, options := interrupt(dir, 5)
	options.Network = &ours
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	resumed := run(t, b, c, train.Options{Dir: dir, Network: &ours})
	loaded, err := train.LoadFunction(b, dir, ours)
	if err != nil {
		t.Fatal(err)
	}
	want := embed(t, whole.Embedder).Embeddings
	if !slices.Equal(embed(t, resumed.Embedder).Embeddings, want) || !slices.Equal(embed(t, loaded).Embeddings, want) {
		t.Error("resumed or loaded, the network is another")
	}

	other := ours
	other.Name = "other"
	wide := train.Function{Name: "wide", Build: func(scope *model.Scope, x *graph.Node) *graph.Node {
		return layers.Dense(scope.In("dense"), graph.Reshape(x, x.Shape().Dim(0), -1), true, 9)
	}}
	fixed := train.Function{Name: "fixed", Build: func(_ *model.Scope, x *graph.Node) *graph.Node {
		return graph.Slice(graph.Reshape(x, x.Shape().Dim(0), -1), graph.AxisRange(), graph.AxisRange(0, 8))
	}}
	panics := train.Function{Name: "panics", Build: func(scope *model.Scope, x *graph.Node) *graph.Node {
		return graph.MatMul(x, graph.Const(x.Graph(), []float32{1}))
	}}
	small := c
	small.Network = train.Network{Size: 16, Width: 4, Dim: 8}
	for _, test := range []struct {
		name    string
		attempt func() error
		want    string
	}{
		{"without its function", func() error { _, err := train.Load(b, dir); return err }, "it needs its Go function"},
		{
			"under another name", func() error { _, err := train.LoadFunction(b, dir, other); return err },
			`and the function is called "other"`,
		},
		{"in the place of another", func() error {
			_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, Network: &other})
			return err
		}, "architecture is function:ours, not function:other"},
		{"of another dimension", func() error {
			_, err := train.Run(t.Context(), b, c, bars, train.Options{Network: &wide})
			return err
		}, "wide gives (Float32)[2, 9] for a batch of 2, want float32 [2, 8]"},
		{"without variables", func() error {
			_, err := train.Run(t.Context(), b, c, bars, train.Options{Network: &fixed})
			return err
		}, "fixed has no trainable variable"},
		{"of too many features", func() error {
			return train.Network{Architecture: "function:ours", Features: 1 << 40, Dim: 8}.Validate()
		}, "number of features must be in [1, 1048576], or 0 for images; got 1099511627776"},
		{"that panics", func() error {
			_, err := train.Run(t.Context(), b, c, bars, train.Options{Network: &panics})
			return err
		}, "network panics"},
	} {
		if err := test.attempt(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}
