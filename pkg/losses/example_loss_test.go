package losses_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/losses/stable"
)

// centroid is a loss of one's own: the mean of an anchor's positives against all its negatives, by a scale.
//
//	L = log[1 + Σ_n exp(γ(s_n − mean over p of s_p))]
type centroid struct {
	Gamma float64 // γ, > 0
}

func (c centroid) PerAnchor(s losses.Scores) *graph.Node {
	logits := graph.MulScalar(s.Similarity, c.Gamma)
	negatives := stable.LogSumExp(logits, s.Negative)
	positives := stable.MaskedMean(logits, s.Positive)
	return stable.ZeroUnless(c.Anchors(s), stable.Softplus(graph.Sub(negatives, positives)))
}

func (centroid) Anchors(s losses.Scores) *graph.Node {
	return graph.LogicalAnd(stable.Any(s.Positive), stable.Any(s.Negative))
}

func (c centroid) Validate() error {
	if !(c.Gamma > 0) {
		return errors.New("centroid: Gamma must be > 0")
	}
	return nil
}

// A loss of one's own takes every similarity, miner and reduction. The last anchor of this batch has no positive, and is no trouble.
func ExampleLoss() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		log.Fatal(err)
	}
	step := graph.MustNewExec(backend, func(labels, embeddings *graph.Node) (loss, gradient *graph.Node) {
		loss = losses.Mean.Of(centroid{Gamma: 16}, losses.Pairs(labels, embeddings, losses.Cosine))
		return loss, graph.Gradient(loss, embeddings)[0]
	})
	defer step.Finalize()
	out, err := step.Call([]int32{0, 0, 1, 1, 2}, [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-0.6, 0.8}, {0, -1}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f %s\n", out[0].Value(), out[1].Shape())
	// Output: 0.9834 (Float64)[5, 2]
}
