package slips_test

import (
	"math"
	"testing"

	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/notebooks/slips"
	"github.com/unipair/unipair/pkg/losses"
)

// One image of each of two classes: no anchor has a positive, until it is its own.
func TestSelfAmongPositives(t *testing.T) {
	const m, gamma, s = 0.25, 16, 0.6
	circle := losses.Circle{Margin: m, Gamma: gamma}
	if values, anchors := evaluate(t, circle, []int32{0, 1}); values[0] != 0 || anchors[0] {
		t.Errorf("Circle without a positive: %v of %v, want 0 of none", values, anchors)
	}
	values, anchors := evaluate(t, slips.SelfAmongPositives{Loss: circle}, []int32{0, 1})
	want := math.Log1p(math.Exp(gamma*(s*s-m*m)) * math.Exp(-gamma*m*m)) // s_p = 1: α_p = m, s_p − Δ_p = m
	if !anchors[0] || math.Abs(values[0]-want) > 1e-9 {
		t.Errorf("an image as its own positive: %v of %v, want %g", values, anchors, want)
	}
}

// Two images of one class: no anchor has a negative, until it is its own, at the similarity 1 that no update can change.
func TestSelfAmongNegatives(t *testing.T) {
	const m, gamma, s = 0.25, 16, 0.6
	circle := losses.Circle{Margin: m, Gamma: gamma}
	values, anchors := evaluate(t, slips.SelfAmongNegatives{Loss: circle}, []int32{0, 0})
	want := math.Log1p(math.Exp(gamma*(1-m*m)) * math.Exp(gamma*((s-1)*(s-1)-m*m)))
	if !anchors[0] || math.Abs(values[0]-want) > 1e-9 {
		t.Errorf("an image as its own negative: %v of %v, want %g", values, anchors, want)
	}
}

// evaluate takes two vectors of cosine 0.6.
func evaluate(t *testing.T, loss losses.Loss, labels []int32) (values []float64, anchors []bool) {
	t.Helper()
	results := graph.MustExecOnceN(backendtest.Go(t), func(labels, vectors *graph.Node) []*graph.Node {
		s := losses.Pairs(labels, vectors, losses.Cosine)
		return []*graph.Node{loss.PerAnchor(s), loss.Anchors(s)}
	}, labels, [][]float64{{1, 0}, {0.6, 0.8}})
	return results[0].Value().([]float64), results[1].Value().([]bool)
}
