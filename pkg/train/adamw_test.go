package train_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// TestAdamW compares three steps with algorithm 2 of the paper in float64.
func TestAdamW(t *testing.T) {
	const rate, decay = 0.1, 0.05
	gradients := [][]float32{{0.5, -2, 0}, {0.25, 3, 0}, {-1, 1e-3, 0}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		store := model.NewStore()
		exec, err := model.NewExec(b, store, train.Descend(store, decay, 1, -2, 3))
		if err != nil {
			t.Fatal(err)
		}
		x, m, v := []float64{1, -2, 3}, make([]float64, 3), make([]float64, 3)
		for step, gradient := range gradients {
			first, second := train.Corrections(step + 1)
			out, err := exec.Call(tensors.FromFlatDataAndDimensions(gradient, 3), float32(rate), float32(first), float32(second))
			if err != nil {
				t.Fatal(err)
			}
			want := make([]float32, 3)
			for i, g := range gradient {
				m[i] = 0.9*m[i] + 0.1*float64(g)
				v[i] = 0.999*v[i] + 0.001*float64(g)*float64(g)
				mHat, vHat := m[i]/(1-math.Pow(0.9, float64(step+1))), v[i]/(1-math.Pow(0.999, float64(step+1)))
				x[i] -= rate * (mHat/(math.Sqrt(vHat)+1e-8) + decay*x[i])
				want[i] = float32(x[i])
			}
			got, err := tensors.CopyFlatData[float32](out[0])
			if err != nil {
				t.Fatal(err)
			}
			near(t, "after a step", got, want, 1e-5)
		}
	})
}
