package identity_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/identity"
)

func TestCompareTellsEqualFromUnequal(t *testing.T) {
	square := func(n identity.Nodes) *graph.Node { return graph.ReduceAllSum(graph.Square(n.Embeddings)) }
	product := func(n identity.Nodes) *graph.Node { return graph.ReduceAllSum(graph.Mul(n.Embeddings, n.Embeddings)) }
	weights := func(n identity.Nodes) *graph.Node {
		return graph.Add(square(n), graph.MulScalar(graph.ReduceAllSum(n.Weights), 1e-6))
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		batch := identity.Random(1, 3, 2, 4)
		same, err := identity.Compare(b, batch, square, product)
		if err != nil {
			t.Fatal(err)
		}
		if same.Value > 1e-12 || same.Gradient > 1e-12 || !(same.Largest > 0.1) {
			t.Errorf("Compare of equal losses = %+v, want differences of 0 and a gradient", same)
		}
		other, err := identity.Compare(b, batch, square, weights)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(other.Gradient-1e-6) > 1e-12 {
			t.Errorf("Compare of losses whose gradients differ by 1e-6 in the weights: Gradient = %g", other.Gradient)
		}
	})
}

func TestCompareRefusesNaN(t *testing.T) {
	nan := func(n identity.Nodes) *graph.Node {
		return graph.ReduceAllSum(graph.Log(graph.Neg(graph.Square(n.Embeddings))))
	}
	if _, err := identity.Compare(backendtest.Go(t), identity.Random(1, 2, 2, 2), nan, nan); err == nil {
		t.Error("Compare of NaN with NaN: want an error")
	}
}

func TestRandomIsSeeded(t *testing.T) {
	a, b, c := identity.Random(1, 2, 3, 4), identity.Random(1, 2, 3, 4), identity.Random(2, 2, 3, 4)
	if len(a.Labels) != 6 || a.Labels[2] != 0 || a.Labels[3] != 1 || len(a.Weights) != 2 {
		t.Errorf("Random(1, 2, 3, 4) has labels %v and %d weights, want three 0, three 1 and 2", a.Labels, len(a.Weights))
	}
	if a.Embeddings[5][3] != b.Embeddings[5][3] || a.Embeddings[5][3] == c.Embeddings[5][3] {
		t.Error("the same seed must give the same batch, another seed another")
	}
}
