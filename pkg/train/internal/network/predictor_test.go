package network

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// What is foretold does not move here, so that any gradient would come by the other side, which is held constant.
func TestPredictorHoldsTheOtherSide(t *testing.T) {
	store := model.NewStore()
	p := NewPredictor(store, 2, 2, NewSource(1, ForPredictor))
	p.second = variable(store, "/predictor/none", constant(0), 2, 2)
	p.bias = variable(store, "/predictor/one", constant(1), 2)
	exec, err := model.NewExec(backendtest.Go(t), store, func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		s := p.Scores(losses.SameLabel, in[0], in[1], losses.Cosine, false)
		return []*graph.Node{graph.Gradient(graph.ReduceAllSum(graph.Square(s.Similarity)), in[1])[0], s.Similarity, s.Positive}
	})
	if err != nil {
		t.Fatal(err)
	}
	results, err := exec.Call([]int32{0, 0, 1}, [][]float32{{1, 0}, {0, 1}, {3, 5}})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range results[0].Value().([][]float32) {
		if row[0] != 0 || row[1] != 0 {
			t.Errorf("the gradient on image %d is %v, want 0", i, row)
		}
	}
	if s := results[1].Value().([][]float32); s[0][0] == s[0][1] || s[0][2] != s[1][2] {
		t.Errorf("similarities %v: want one an image, the same for every anchor", s)
	}
	if p := results[2].Value().([][]bool); !p[0][1] || p[0][0] || p[0][2] {
		t.Errorf("positives %v: want those of one label, without the image itself", p)
	}
}
