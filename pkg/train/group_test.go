package train

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train/internal/networktest"
)

// descend returns a graph that moves a variable one step, of a gradient, a learning rate and corrections.
func descend(d Descent, store *model.Store, decay float64, start ...float32) func(*model.Scope, []*graph.Node) []*graph.Node {
	v := store.VariableWithValue("/v", start)
	group := d.newGroup(store, decay, v)
	return func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		group.update(clip(in[:1], d.ClipNorm), rates[*graph.Node]{network: in[1], correction1: in[2], correction2: in[3]})
		return []*graph.Node{v.NodeValue(in[0].Graph())}
	}
}

// TestAdamW compares three steps with algorithm 2 of the paper in float64.
func TestAdamW(t *testing.T) {
	const rate, decay = 0.1, 0.05
	gradients := [][]float32{{0.5, -2, 0}, {0.25, 3, 0}, {-1, 1e-3, 0}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		store := model.NewStore()
		exec, err := model.NewExec(b, store, descend(Descent{}, store, decay, 1, -2, 3))
		if err != nil {
			t.Fatal(err)
		}
		x, m, v := []float64{1, -2, 3}, make([]float64, 3), make([]float64, 3)
		for step, gradient := range gradients {
			first, second := corrections(step + 1)
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
			networktest.Near(t, "after a step", got, want, 1e-5)
		}
	})
}

// TestSGD compares three steps with PyTorch's rule in float64, clipped and not.
func TestSGD(t *testing.T) {
	const rate, decay = 0.1, 0.05
	gradients := [][]float32{{0.5, -2, 0}, {0.25, 3, 0}, {-1, 1e-3, 0}}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, momentum := range []float64{0, 0.9} {
			for _, limit := range []float64{0, 1} {
				store := model.NewStore()
				descent := Descent{Optimizer: OptimizerSGD, Momentum: momentum, ClipNorm: limit}
				exec, err := model.NewExec(b, store, descend(descent, store, decay, 1, -2, 3))
				if err != nil {
					t.Fatal(err)
				}
				x, v := []float64{1, -2, 3}, make([]float64, 3)
				for _, gradient := range gradients {
					out, err := exec.Call(tensors.FromFlatDataAndDimensions(gradient, 3), float32(rate), float32(1), float32(1))
					if err != nil {
						t.Fatal(err)
					}
					length := 0.0
					for _, g := range gradient {
						length += float64(g) * float64(g)
					}
					factor := 1.0
					if limit > 0 {
						factor = min(1, limit/(math.Sqrt(length)+1e-6))
					}
					want := make([]float32, 3)
					for i, g := range gradient {
						v[i] = momentum*v[i] + factor*float64(g) + decay*x[i]
						x[i] -= rate * v[i]
						want[i] = float32(x[i])
					}
					networktest.Near(t, "after a step", tensors.MustCopyFlatData[float32](out[0]), want, 1e-5)
				}
			}
		}
	})
}
