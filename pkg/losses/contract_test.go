package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/hardbatches"
	"github.com/unipair/unipair/pkg/losses"
)

// degenerateBatches returns the batches that hurt.
func degenerateBatches() map[string]batch {
	batches := map[string]batch{}
	for name, in := range hardbatches.All() {
		batches[name] = batch{labels: in.Labels, embeddings: in.Embeddings, others: in.Weights}
	}
	return batches
}

// settings are the default and the extremes of a loss of the catalogue.
func settings(t *testing.T, entry losses.Entry) map[string]losses.Loss {
	t.Helper()
	all := map[string]losses.Loss{"default": entry.Default}
	for _, parameter := range entry.Parameters() {
		extreme, ok := map[string]string{"gamma": "1e4", "alpha": "1e4", "beta": "1e4", "scale": "1e4", "temperature": "1e-4"}[parameter.Name]
		if !ok {
			continue
		}
		loss, err := entry.With(map[string]string{parameter.Name: extreme})
		if err != nil {
			t.Fatal(err)
		}
		all[parameter.Name+"="+extreme] = loss
	}
	return all
}

// scoringOf is how a loss of the catalogue is scored by default.
func scoringOf(entry losses.Entry) scoring {
	return scoringBy(entry, entry.Similarity)
}

// scoringBy scores a loss of the catalogue by a similarity. A loss of several centers a class has fewer classes of the batch's
// others; of those that are left over, none.
func scoringBy(entry losses.Entry, sim losses.Similarity) scoring {
	if entry.Labels != losses.ClassLabels {
		return pairs(sim)
	}
	return func(labels, embeddings, others, _ *graph.Node) losses.Scores {
		centers := losses.CentersOf(entry.Default)
		return losses.Classes(labels, embeddings, repeated(others, centers), losses.Measure(entry.Default, sim))
	}
}

// repeated makes of each class weight so many centers, the first as it is and the others moved a little.
func repeated(weights *graph.Node, centers int) *graph.Node {
	classes, dim := weights.Shape().Dim(0), weights.Shape().Dim(1)
	moves := graph.MulScalar(graph.Iota(weights.Graph(), shapes.Make(weights.DType(), 1, centers, dim), 1), 0.125)
	return graph.Reshape(graph.Add(graph.InsertAxes(weights, 1), moves), classes*centers, dim)
}

// No degenerate batch makes a loss or a gradient infinite or NaN, in any type, for any loss and reduction.
func TestDegenerateBatchesStayFinite(t *testing.T) {
	batches := degenerateBatches()
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, entry := range losses.Catalogue() {
			for setting, loss := range settings(t, entry) {
				for _, dtype := range types(b) {
					t.Run(fmt.Sprintf("%s/%s/%s", entry.Name, setting, dtype), func(t *testing.T) {
						t.Parallel()
						eval := newEvaluator(b, dtype, scoringOf(entry), reduced(loss, losses.Mean))
						defer eval.Finalize()
						for name, in := range batches {
							if _, quartic := loss.(losses.VICReg); quartic && dtype == dtypes.Float16 && name == "far-apart" {
								continue // the fourth power of 1e4 is beyond the type: so is the gradient that the formula gives
							}
							mustBeFinite(t, name, eval.of(t, in))
						}
					})
				}
			}
		}
	})
}

// types are what a contract is tested in: all on the pure-Go backend, and on XLA, which takes a second to compile a graph,
// the one that people train in.
func types(b compute.Backend) []dtypes.DType {
	if b.Name() == "xla" {
		return []dtypes.DType{dtypes.Float32}
	}
	return []dtypes.DType{dtypes.Float64, dtypes.Float32, dtypes.BFloat16, dtypes.Float16}
}

func mustBeFinite(t *testing.T, what string, r result) {
	t.Helper()
	for _, numbers := range [][]float64{{r.loss}, r.embeddings, r.others} {
		for i, x := range numbers {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%s: %v at %d", what, x, i)
				return
			}
		}
	}
}

// A pair loss has nothing to learn from a batch of one, and one that needs both kinds none from a single class or from
// classes of one row: 0, with a gradient of 0.
func TestNothingToLearnIsZero(t *testing.T) {
	all := degenerateBatches()
	alone := batch{labels: []int32{3}, embeddings: [][]float64{{0.2, 0.1, -0.4}}}
	for _, entry := range losses.Catalogue() {
		if entry.Labels != losses.PairLabels {
			continue
		}
		cases := map[string]batch{"batch of one": alone}
		if needsBoth(entry.Default) {
			cases["one class"], cases["all distinct"] = all["one class"], all["all distinct"]
		}
		for name, in := range cases {
			got := evaluate(t, backendtest.Go(t), dtypes.Float32, in, scoringOf(entry), reduced(entry.Default, losses.Mean))
			if got.loss != 0 || largest(got.embeddings) != 0 {
				t.Errorf("%s, %s: value %g, largest gradient %g, want 0 and 0", entry.Name, name, got.loss, largest(got.embeddings))
			}
		}
	}
}

// needsBoth tells whether a loss's anchors need a positive and a negative.
func needsBoth(loss losses.Loss) bool {
	switch loss.(type) {
	case losses.Unified, losses.Circle, losses.Triplet, losses.NTXent, losses.NPair, losses.SupCon, losses.LiftedStructure,
		losses.GeneralizedLifted, losses.Angular, losses.TupletMargin, losses.DCL, losses.SmoothAP, losses.PNP:
		return true
	}
	return false
}

// An anchor that lacks what a loss needs, as Anchors tells, has value and gradient 0: the doc of Loss says so, of any batch.
func TestAnchorsThatLackAreZero(t *testing.T) {
	batches := degenerateBatches()
	for _, entry := range losses.Catalogue() {
		eval := newEvaluator(backendtest.Go(t), dtypes.Float64, scoringOf(entry), func(s losses.Scores) *graph.Node {
			values := entry.Default.PerAnchor(s)
			return graph.ReduceAllSum(graph.Where(entry.Default.Anchors(s), graph.ZerosLike(values), values))
		})
		for name, in := range batches {
			got := eval.of(t, in)
			if got.loss != 0 || largest(got.embeddings) != 0 || largest(got.others) != 0 {
				t.Errorf("%s, %s: value %g, largest gradient %g, want 0 and 0", entry.Name, name, got.loss, largest(got.embeddings))
			}
		}
		eval.Finalize()
	}
}

// A vector without a direction has no gradient, and one as short as 1e-6 no more than 1/|x| gives it.
func TestShortVectors(t *testing.T) {
	all := degenerateBatches()
	for _, name := range []string{"all zero", "sub-epsilon"} {
		got := evaluate(t, backendtest.Go(t), dtypes.Float64, all[name], pairs(losses.Cosine), reduced(circle, losses.Mean))
		if largest(got.embeddings) != 0 {
			t.Errorf("%s: largest gradient %g, want 0", name, largest(got.embeddings))
		}
	}
	long := evaluate(t, backendtest.Go(t), dtypes.Float64, all["ordinary"], pairs(losses.Cosine), reduced(circle, losses.Mean))
	short := all["ordinary"]
	short.embeddings = scaled(short.embeddings, 1e-6)
	got := evaluate(t, backendtest.Go(t), dtypes.Float64, short, pairs(losses.Cosine), reduced(circle, losses.Mean))
	for i := range long.embeddings {
		long.embeddings[i] *= 1e6
	}
	same(t, "scaled by 1e-6", got, long, 1e-9, 1e-9)
}

func scaled(vectors [][]float64, by float64) [][]float64 {
	var out [][]float64
	for _, v := range vectors {
		w := slices.Clone(v)
		for j := range w {
			w[j] *= by
		}
		out = append(out, w)
	}
	return out
}

// The order of the rows, the names of the classes and, for cosines, the lengths of the vectors do not matter.
func TestInvariances(t *testing.T) {
	b := backendtest.Go(t)
	for _, entry := range losses.Catalogue() {
		in := randomBatch(21, 3, 3, 4)
		f, how := reduced(entry.Default, losses.Mean), scoringOf(entry)
		plain := evaluate(t, b, dtypes.Float64, in, how, f)
		learns(t, entry.Name, plain)

		order := rand.New(rand.NewPCG(5, 5)).Perm(len(in.labels))
		moved, want := in, plain
		moved.labels, moved.embeddings, want.embeddings = nil, nil, nil
		for _, i := range order {
			moved.labels, moved.embeddings = append(moved.labels, in.labels[i]), append(moved.embeddings, in.embeddings[i])
			want.embeddings = append(want.embeddings, plain.embeddings[4*i:4*i+4]...)
		}
		same(t, entry.Name+", rows in another order", evaluate(t, b, dtypes.Float64, moved, how, f), want, 1e-12, 1e-9)

		if entry.Labels == losses.PairLabels {
			renamed := in
			renamed.labels = nil
			for _, label := range in.labels {
				renamed.labels = append(renamed.labels, math.MaxInt32-1000*label)
			}
			same(t, entry.Name+", classes renamed", evaluate(t, b, dtypes.Float64, renamed, how, f), plain, 1e-12, 1e-9)
		}
		if entry.Similarity == losses.Cosine && !keepsLengths(entry.Default) {
			longer := in
			longer.embeddings = scaled(in.embeddings, 8)
			want := plain
			want.embeddings = slices.Clone(plain.embeddings)
			for i := range want.embeddings {
				want.embeddings[i] /= 8
			}
			same(t, entry.Name+", vectors 8 times as long", evaluate(t, b, dtypes.Float64, longer, how, f), want, 1e-12, 1e-9)
		}
	}
}

// keepsLengths tells whether a loss measures by cosine and yet multiplies the vectors' lengths back.
func keepsLengths(loss losses.Loss) bool {
	switch loss.(type) {
	case losses.LargeMarginSoftmax, losses.SphereFace:
		return true
	}
	return false
}

// Ties share the gradient: two positives that are equally hard are drawn equally.
func TestTiesShare(t *testing.T) {
	r := rows{
		similarity: [][]float64{{0.2, 0.2, 0.5, 0.5, 0.1}},
		positive:   [][]bool{{true, true, false, false, false}},
		negative:   [][]bool{{false, false, true, true, true}},
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		_, gradient := scoresGradient(t, b, losses.Triplet{Margin: 0.3, Mining: losses.MineHard}, r)
		sameNumbers(t, "gradient", gradient[0], []float64{-0.5, -0.5, 0.5, 0.5, 0}, 1e-15)
	})
}

// FuzzFinite looks for a batch that makes a loss infinite or NaN: `go test -fuzz=FuzzFinite ./pkg/losses`.
func FuzzFinite(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, uint8(3*seed), 1.0)
	}
	f.Add(uint64(9), uint8(0), 1e-13)
	f.Add(uint64(9), uint8(255), 1e15)
	type compiled struct {
		name string
		evaluator
	}
	var all []compiled
	for _, entry := range losses.Catalogue() {
		all = append(all, compiled{entry.Name, newEvaluator(backendtest.Go(f), dtypes.Float32, scoringBy(entry, entry.Similarity), reduced(entry.Default, losses.Mean))})
	}
	f.Fuzz(func(t *testing.T, seed uint64, repeat uint8, scale float64) {
		if math.IsNaN(scale) || math.Abs(scale) > 1e15 {
			t.Skip("embeddings beyond float32 are refused by CheckEmbeddings")
		}
		random := rand.New(rand.NewPCG(seed, uint64(repeat)))
		vectors := func() [][]float64 {
			var all [][]float64
			for range 6 {
				if len(all) > 0 && random.IntN(256) < int(repeat) { // a duplicate, perhaps turned round
					all = append(all, scaled(all[len(all)-1:], float64(1-2*random.IntN(2)))[0])
					continue
				}
				all = append(all, []float64{random.NormFloat64() * scale, random.NormFloat64() * scale, random.NormFloat64() * scale})
			}
			return all
		}
		in := batch{embeddings: vectors(), others: vectors()}
		for range 6 {
			in.labels = append(in.labels, random.Int32N(4))
		}
		for _, loss := range all {
			if loss.name == "vicreg" && math.Abs(scale) > 1e6 {
				continue // the fourth power is beyond float32
			}
			mustBeFinite(t, loss.name, loss.of(t, in))
		}
	})
}
