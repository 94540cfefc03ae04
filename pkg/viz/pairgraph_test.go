package viz_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// The contrastive loss weighs each violating pair by one over the number of its kind: an oracle without a derivative.
func TestPairWeightsOfContrastiveAreCounts(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		embeddings, _ := onRing(0, 20, 90, 60, 150, 210)
		loss := losses.Contrastive{PositiveMargin: 0, NegativeMargin: 1}
		p, err := viz.PairWeights(b, loss, losses.MeanTerms, sixLabels, embeddings, losses.Normalized(losses.NegativeL2))
		if err != nil {
			t.Fatal(err)
		}
		for i := range sixLabels {
			for j := range sixLabels {
				want := 0.0
				switch distance := -p.Similarity[i][j]; {
				case i == j:
				case sixLabels[i] == sixLabels[j]:
					want = -2.0 / 12 // of 12 ordered positive pairs, each seen from both ends
				case distance < 1:
					want = 2.0 / 18
				}
				if math.Abs(p.Weight[i][j]-want) > 1e-9 || p.Positive[i][j] != (i != j && sixLabels[i] == sixLabels[j]) {
					t.Errorf("weight of (%d, %d) = %g, want %g", i, j, p.Weight[i][j], want)
				}
			}
		}
	})
}

// Moving along one similarity changes the value by its weight: histogram loss, which looks at the whole batch.
func TestPairWeightsOfAJointLossAreItsSlope(t *testing.T) {
	embeddings, _ := onRing(3, 21, 94, 62, 151, 207)
	loss := losses.Histogram{Bins: 11}
	p, err := viz.PairWeights(backendtest.Go(t), loss, losses.Mean, sixLabels, embeddings, losses.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	value := func(i, j int, by float64) float64 {
		nudged := losses.SimilarityFunc(func(x, y *graph.Node) *graph.Node {
			s := make([][]float64, 6)
			for r := range s {
				s[r] = make([]float64, 6)
			}
			s[i][j], s[j][i] = by, by
			return graph.Add(losses.Cosine.Of(x, y), graph.Const(x.Graph(), s))
		})
		out := graph.MustExecOnce(backendtest.Go(t), func(labels, e *graph.Node) *graph.Node {
			return losses.Mean.Of(loss, losses.Pairs(labels, e, nudged))
		}, sixLabels, embeddings)
		return out.Value().(float64)
	}
	largest := 0.0
	for i := range sixLabels {
		for j := range i {
			const h = 1e-6
			want := (value(i, j, h) - value(i, j, -h)) / (2 * h)
			largest = max(largest, math.Abs(want))
			if math.Abs(p.Weight[i][j]-want) > 1e-6 {
				t.Errorf("weight of (%d, %d) = %g, want the slope %g", i, j, p.Weight[i][j], want)
			}
		}
	}
	if largest < 1e-3 {
		t.Errorf("the largest slope is %g: nothing was tested", largest)
	}
}

func TestHardMiningHearsFewPairs(t *testing.T) {
	embeddings, _ := onRing(0, 20, 90, 60, 150, 210)
	weights := func(miners ...losses.Miner) viz.Pulls {
		p, err := viz.PairWeights(backendtest.Go(t), losses.NPair{}, losses.Mean, sixLabels, embeddings, losses.Cosine, miners...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	all, hard := weights(), weights(losses.HardestPairs)
	if p, n := all.CountAtLeast(0); p != 6 || n != 9 {
		t.Errorf("N-pair hears %d + %d pairs, want all 6 + 9", p, n)
	}
	if p, n := hard.CountAtLeast(0); p >= 6 || n >= 9 || p == 0 || n == 0 {
		t.Errorf("with hard mining N-pair hears %d + %d pairs, want some and not all", p, n)
	}
	if hard.Effective() >= all.Effective() {
		t.Errorf("%g effective pairs with mining, %g without: want fewer", hard.Effective(), all.Effective())
	}
}

func TestPullsOfEqualWeights(t *testing.T) {
	p := viz.Pulls{
		Positive: [][]bool{{false, true, false}, {true, false, false}, {false, false, false}},
		Weight:   [][]float64{{0, -2, 2}, {-2, 0, 2}, {2, 2, 0}},
	}
	if got := p.Effective(); math.Abs(got-3) > 1e-12 {
		t.Errorf("Effective() of three equal pairs = %g, want 3", got)
	}
	if got := p.PositiveShare(); math.Abs(got-1.0/3) > 1e-12 {
		t.Errorf("PositiveShare() = %g, want 1/3", got)
	}
	if got := p.ShareOf(2); math.Abs(got-2.0/3) > 1e-12 {
		t.Errorf("ShareOf(2) = %g, want 2/3", got)
	}
	if got := p.Strongest(); got != 2 {
		t.Errorf("Strongest() = %g, want 2", got)
	}
	silent := viz.Pulls{Positive: p.Positive, Weight: [][]float64{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}}
	if a, b := silent.CountAtLeast(0.01); a+b != 0 || silent.Effective() != 0 || silent.PositiveShare() != 0 || silent.ShareOf(0) != 0 {
		t.Errorf("a loss at rest hears %d + %d pairs, %g effective", a, b, silent.Effective())
	}
}

func TestPairWeightsReject(t *testing.T) {
	embeddings, _ := onRing(0, 20, 90, 60, 150, 210)
	for name, c := range map[string]struct {
		loss   losses.Loss
		labels []int32
		rows   [][]float64
		want   string
	}{
		"NaN loss":      {broken{}, sixLabels, embeddings, "Log in viz_test.broken.PerAnchor is the first"},
		"invalid loss":  {losses.NTXent{}, sixLabels, embeddings, "Temperature"},
		"missing label": {losses.NPair{}, sixLabels[1:], embeddings, "got 5 for 6"},
		"uneven":        {losses.NPair{}, sixLabels[:2], [][]float64{{1, 2}, {1}}, "embedding 1 must have 2 numbers"},
		"NaN embedding": {losses.NPair{}, sixLabels[:1], [][]float64{{math.NaN()}}, "embedding 0 [0] is NaN"},
		"nothing":       {losses.NPair{}, nil, nil, "no embeddings"},
	} {
		_, err := viz.PairWeights(backendtest.Go(t), c.loss, losses.Mean, c.labels, c.rows, losses.Cosine)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}
