package losses_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/losses/stable"
)

type (
	embedded struct{ losses.Circle }
	calling  struct{ losses.Circle }
	doubled  struct{ losses.Circle }
	choosy   struct{ losses.Circle }
	all      struct{ losses.Circle }
	failing  struct{ losses.Circle }

	halved       struct{ losses.Circle }
	withBoth     struct{ losses.MultiSimilarity }
	byCandidates struct{ losses.Circle }
	byType       struct{ losses.Circle }
)

func (c calling) PerAnchor(s losses.Scores) *graph.Node { return losses.Unified{Gamma: 2}.PerAnchor(s) }
func (d doubled) PerAnchor(s losses.Scores) *graph.Node {
	return graph.MulScalar(d.Circle.PerAnchor(s), 2)
}
func (choosy) Anchors(s losses.Scores) *graph.Node { // those with two positives
	count := stable.CountTrue(s.Positive, s.Similarity.DType())
	return graph.GreaterThan(count, graph.OnesLike(count))
}
func (all) Anchors(s losses.Scores) *graph.Node {
	return graph.BroadcastToDims(graph.Const(s.Similarity.Graph(), true), s.Similarity.Shape().Dim(0))
}
func (h halved) PerAnchor(s losses.Scores) *graph.Node {
	return graph.MulScalar(h.Circle.PerAnchor(s), 0.5)
}
func (withBoth) Anchors(s losses.Scores) *graph.Node { return circle.Anchors(s) }
func (halved) OddsSum(never struct{})                {}
func (byCandidates) PerAnchor(s losses.Scores) *graph.Node {
	return losses.Unified{Gamma: math.Log(float64(s.Similarity.Shape().Dim(1)))}.PerAnchor(s)
}
func (byType) PerAnchor(s losses.Scores) *graph.Node {
	return losses.Unified{Gamma: float64(s.Similarity.DType().Bits())}.PerAnchor(s)
}
func (failing) PerAnchor(losses.Scores) *graph.Node { panic("failing: not today") }

// Which losses are formulas of sums, and so are computed from half of the scores in a stream: those that give what a formula gives, however
// they come by it, and no other.
func TestFormulaOf(t *testing.T) {
	var names []string
	for _, entry := range losses.Catalogue() {
		if losses.IsFormula(backendtest.Go(t), entry.Default) {
			names = append(names, entry.Name)
		}
	}
	slices.Sort(names)
	want := []string{"am-softmax", "circle", "contrastive", "dcl", "generalized-lifted", "l2-softmax", "multi-similarity",
		"n-pair", "nca", "normface", "nt-xent", "proxy-nca", "siglip", "snr-contrastive", "soft-triple", "softmax", "sup-con", "unified"}
	if !slices.Equal(names, want) {
		t.Errorf("the formulas of the catalogue are %v, want %v", names, want)
	}
	for _, c := range []struct {
		name string
		loss losses.Loss
		want bool
	}{
		{"hard triplet", losses.Triplet{Margin: 0.2, Mining: losses.MineHard}, true},
		{"triplet over all", losses.Triplet{Margin: 0.2, Mining: losses.MineAll}, false},
		{"invalid", losses.Circle{}, false},
		{"embedded", embedded{circle}, true},
		{"a pointer", &embedded{circle}, true},
		{"another's value", calling{circle}, true},
		{"another's value, doubled", doubled{circle}, false},
		{"anchors by count", choosy{circle}, false},
		{"all anchors", all{circle}, true},
		{"a panic", failing{circle}, false},
	} {
		if got := losses.IsFormula(backendtest.Go(t), c.loss); got != c.want {
			t.Errorf("%s: a formula is %t, want %t", c.name, got, c.want)
		}
	}
}

// After miners that choose by sums a formula is one still, over the pairs that they keep; after others it is none.
func TestFormulaAfterMiners(t *testing.T) {
	b, in := backendtest.Go(t), withCopies(unevenBatch(8, 37, 5))
	few := randomBatch(8, 5, 3, 4)
	chosen, beyond := losses.MultiSimilarityPairs(0.1), losses.PairsBeyond(-0.5, 0.8)
	for _, c := range []struct {
		name   string
		miners []losses.Miner
		want   bool
	}{
		{"multi-similarity", []losses.Miner{chosen}, true},
		{"by distance", []losses.Miner{beyond}, true},
		{"both", []losses.Miner{beyond, chosen}, true},
		{"both, the other way round", []losses.Miner{chosen, beyond}, true},
		{"hardest", []losses.Miner{losses.HardestPairs}, false},
		{"hardest after a choice", []losses.Miner{chosen, losses.HardestPairs}, false},
		{"a choice after the hardest", []losses.Miner{losses.HardestPairs, chosen}, false},
		{"by autodiff", []losses.Miner{chosen, losses.ByAutodiff}, false},
	} {
		for _, loss := range []losses.Loss{losses.DefaultMultiSimilarity(), circle, losses.DefaultNTXent(), losses.DefaultSupCon(),
			losses.Triplet{Margin: 0.2, Mining: losses.MineHard}} {
			if got := losses.IsFormula(b, loss, c.miners...); got != c.want {
				t.Errorf("%s, %T: a formula is %t, want %t", c.name, loss, got, c.want)
			}
			for against, of := range map[string]struct {
				in  batch
				how scoring
			}{"pairs": {in, pairs(losses.Cosine)}, "classes": {few, classes(losses.Cosine)}} {
				what := fmt.Sprintf("%s, %T, %s", c.name, loss, against)
				want := evaluate(t, b, dtypes.Float64, of.in, mined(mined(of.how, losses.ByAutodiff), c.miners...), reduced(loss, losses.Mean))
				learns(t, what, want)
				same(t, what, evaluate(t, b, dtypes.Float64, of.in, mined(of.how, c.miners...), reduced(loss, losses.Mean)), want, 1e-12, 1e-12)
			}
		}
	}
}

// A loss that embeds another has its quick way, and its value and gradient to the bit; one that changes what the other gives has its own.
func TestEmbeddedLoss(t *testing.T) {
	b, in := backendtest.Go(t), unevenBatch(8, 24, 4)
	for name, how := range map[string]scoring{"pairs": pairs(losses.Cosine), "classes": classes(losses.Cosine)} {
		in := in
		if name == "classes" {
			in = randomBatch(8, 5, 3, 4)
		}
		for _, reduce := range []losses.Reduction{losses.Mean, losses.MeanTerms} {
			want := evaluate(t, b, dtypes.Float64, in, how, reduced(circle, reduce))
			learns(t, name, want)
			same(t, name, evaluate(t, b, dtypes.Float64, in, how, reduced(embedded{circle}, reduce)), want, 0, 0)
			twice := evaluate(t, b, dtypes.Float64, in, how, func(s losses.Scores) *graph.Node {
				return graph.MulScalar(reduce.Of(doubled{circle}, s), 0.5)
			})
			same(t, name+", doubled", twice, want, 1e-15, 1e-15)
		}
	}
	for name, loss := range map[string]losses.Loss{
		"embedded": embedded{circle}, "doubled": doubled{circle}, "by count": choosy{circle}, "all": all{circle},
		"with both": withBoth{losses.DefaultMultiSimilarity()},
	} {
		for _, reduce := range []losses.Reduction{losses.Mean, losses.MeanTerms} {
			want := evaluate(t, b, dtypes.Float64, in, mined(pairs(losses.Cosine), losses.ByAutodiff), reduced(loss, reduce))
			want.others = nil
			same(t, name, streamed(t, b, dtypes.Float64, in, 8, losses.SameLabel, loss, losses.Cosine, reduce), want, 1e-12, 1e-12)
		}
	}
}

// A loss may be another formula for batches of another size or type: a stream takes that of the batch, each time.
func TestStreamOfFormulasByShape(t *testing.T) {
	b := backendtest.Go(t)
	for name, loss := range map[string]losses.Loss{"by candidates": byCandidates{circle}, "by type": byType{circle}} {
		stream, err := losses.NewStream(b, losses.SameLabel, loss, losses.Cosine, losses.Mean)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Finalize()
		stream.InSmallBlocks(8, 24)
		for _, rows := range []int{24, 21, 16, 24} {
			in := unevenBatch(8, rows, 4)
			for _, dtype := range []dtypes.DType{dtypes.Float64, dtypes.Float32} {
				want := evaluate(t, b, dtype, in, mined(pairs(losses.Cosine), losses.ByAutodiff), reduced(loss, losses.Mean))
				learns(t, name, want)
				want.others = nil
				same(t, name, streamedBy(t, stream, dtype, in), want, 1e-5, 1e-5)
			}
		}
	}
}

// A quick way refuses derivatives of second order, which would leave out a part; autodiff has them.
func TestNoSecondDerivativeOfQuickWays(t *testing.T) {
	for name, of := range map[string]scoring{
		"pairs": pairs(losses.Cosine), "classes": classes(losses.Cosine), "classes by products": classes(losses.Dot),
	} {
		in := randomBatch(8, 5, 3, 4)
		length := func(s losses.Scores) *graph.Node {
			gradient := graph.Gradient(losses.Mean.Of(circle, s), s.AnchorVectors)[0]
			return graph.ReduceAllSum(graph.Square(gradient))
		}
		err := exceptions.TryCatch[error](func() {
			newEvaluator(backendtest.Go(t), dtypes.Float64, of, length).MustCall(in.labels, in.embeddings, in.others, make([]int32, len(in.others)))
		})
		wantError(t, name, err, "second order")
		learns(t, name, evaluate(t, backendtest.Go(t), dtypes.Float64, in, mined(of, losses.ByAutodiff), length))
		constant := func(s losses.Scores) *graph.Node {
			return graph.Add(losses.Mean.Of(circle, s), graph.StopGradient(length(s)))
		}
		learns(t, name, evaluate(t, backendtest.Go(t), dtypes.Float64, in, of, constant))
	}
}

// A loss that embeds an OddsSum and changes its value hides the method, and is refused where the classes come in blocks.
func TestHiddenOddsSum(t *testing.T) {
	_, err := losses.NewClassBlocks(backendtest.Go(t), halved{circle}, losses.Cosine, losses.Mean, 3)
	wantError(t, "half a loss", err, "halved cannot be put together from blocks of classes")
}
