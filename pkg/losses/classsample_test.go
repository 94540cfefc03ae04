package losses_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

func draw(t testing.TB, ratio float64, seed uint64, labels []int32, classes, step int) losses.SampledClasses {
	t.Helper()
	drawn, err := losses.ClassSampling{Ratio: ratio, Seed: seed}.Draw(labels, classes, step)
	if err != nil {
		t.Fatal(err)
	}
	return drawn
}

func TestDrawKeepsTheBatch(t *testing.T) {
	labels := []int32{7, 3, 7, 41}
	drawn := draw(t, 0.2, 5, labels, 50, 1)
	if len(drawn.Classes) != 10 || drawn.Present != 3 || drawn.Weight != 47./7 {
		t.Errorf("%d classes, %d present, weight %v, want 10, 3 and 47/7", len(drawn.Classes), drawn.Present, drawn.Weight)
	}
	for i, label := range labels {
		if place := drawn.Labels[i]; int(place) >= drawn.Present || drawn.Classes[place] != label {
			t.Errorf("label %d is at %d of %v", label, place, drawn.Classes)
		}
	}
	if !slices.IsSorted(drawn.Classes[:3]) || !slices.IsSorted(drawn.Classes[3:]) {
		t.Errorf("classes out of order: %v", drawn.Classes)
	}
	once := slices.Compact(slices.Sorted(slices.Values(drawn.Classes)))
	if len(once) != 10 || once[0] < 0 || once[9] >= 50 {
		t.Errorf("classes twice or out of range: %v", drawn.Classes)
	}
	if again := draw(t, 0.2, 5, labels, 50, 1); !slices.Equal(again.Classes, drawn.Classes) {
		t.Error("the same seed and step draw other classes")
	}
	if other := draw(t, 0.2, 5, labels, 50, 2); slices.Equal(other.Classes, drawn.Classes) {
		t.Error("the next step draws the same classes")
	}
	if all := draw(t, 1, 5, labels, 50, 1); len(all.Classes) != 50 || all.Weight != 1 {
		t.Errorf("ratio 1 takes %d classes at weight %v, want all 50 at 1", len(all.Classes), all.Weight)
	}
}

// Each absent class is as likely as the next: over 20,000 draws, within 5 standard deviations.
func TestDrawIsFair(t *testing.T) {
	const draws, classes, present, size = 20_000, 20, 2, 8
	counts := make([]float64, classes)
	for step := range draws {
		for _, class := range draw(t, 0.4, 11, []int32{4, 9}, classes, step).Classes {
			counts[class]++
		}
	}
	chance := float64(size-present) / (classes - present)
	allowed := 5 * math.Sqrt(draws*chance*(1-chance))
	for class, count := range counts {
		if class == 4 || class == 9 {
			if count != draws {
				t.Errorf("class %d of the batch: in %g of %d draws", class, count, draws)
			}
		} else if math.Abs(count-draws*chance) > allowed {
			t.Errorf("class %d: in %g of %d draws, want %g ± %.0f", class, count, draws, draws*chance, allowed)
		}
	}
}

// sampled is a batch with the classes of a sample only.
func sampled(in batch, drawn losses.SampledClasses) batch {
	out := batch{labels: drawn.Labels, embeddings: in.embeddings}
	for _, class := range drawn.Classes {
		out.others = append(out.others, in.others[class])
	}
	return out
}

func unbiased(loss losses.OddsSum, drawn losses.SampledClasses, reduce losses.Reduction) func(losses.Scores) *graph.Node {
	return func(s losses.Scores) *graph.Node {
		g := s.Similarity.Graph()
		return reduce.Of(losses.Unbiased(loss, graph.Const(g, int32(drawn.Present)), graph.Const(g, drawn.Weight)), s)
	}
}

// With a ratio of 1 the sample is all classes: the whole loss, with or without the correction.
func TestSampleOfAllIsTheWholeLoss(t *testing.T) {
	in := classBatch(1)
	drawn := draw(t, 1, 3, in.labels, len(in.others), 1)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, loss := range []losses.OddsSum{circle, losses.DefaultAMSoftmax(), losses.Softmax{}} {
			want := whole(t, b, dtypes.Float64, in, loss, losses.Cosine, losses.Mean)
			learns(t, "whole", want)
			for name, f := range map[string]func(losses.Scores) *graph.Node{
				"as it is": reduced(loss, losses.Mean), "unbiased": unbiased(loss, drawn, losses.Mean),
			} {
				got := evaluate(t, b, dtypes.Float64, sampled(in, drawn), classes(losses.Cosine), f)
				ordered := slices.Clone(got.others)
				for place, class := range drawn.Classes {
					copy(ordered[5*class:5*class+5], got.others[5*place:5*place+5])
				}
				got.others = ordered
				same(t, name, got, want, 1e-12, 1e-9)
			}
		}
	})
}

// Over every sample there is, the odds exp(L) − 1 and their gradient are on average those over all classes.
func TestUnbiasedOddsOverAllSamples(t *testing.T) {
	in := randomBatch(41, 7, 1, 5)
	in.labels, in.embeddings = []int32{2, 2, 5}, in.embeddings[:3]
	for _, loss := range []losses.OddsSum{losses.NormFace{Gamma: 5}, losses.Circle{Margin: 0.25, Gamma: 4}} {
		// The exponential is taken of the value; the gradient of exp(L) − 1 is exp(L) times that of L.
		one := func(in batch, f func(losses.Scores) *graph.Node) (float64, []float64) {
			value, gradient := 0.0, make([]float64, len(in.embeddings)*5)
			for i := range in.embeddings {
				row := batch{labels: in.labels[i : i+1], embeddings: in.embeddings[i : i+1], others: in.others}
				got := evaluate(t, backendtest.Go(t), dtypes.Float64, row, classes(losses.Cosine), f)
				value += math.Expm1(got.loss)
				for j, x := range got.embeddings {
					gradient[5*i+j] = math.Exp(got.loss) * x
				}
			}
			return value, gradient
		}
		want, wantGradient := one(in, reduced(loss, losses.Sum))
		var got float64
		gotGradient := make([]float64, len(wantGradient))
		absent, samples := []int32{0, 1, 3, 4, 6}, 0.0
		for i := range absent {
			for j := range i { // two of five
				drawn := losses.SampledClasses{Classes: []int32{2, 5, absent[j], absent[i]}, Labels: []int32{0, 0, 1}, Present: 2, Weight: 5. / 2}
				value, gradient := one(sampled(in, drawn), unbiased(loss, drawn, losses.Sum))
				got, samples = got+value, samples+1
				for k, x := range gradient {
					gotGradient[k] += x
				}
			}
		}
		for k := range gotGradient {
			gotGradient[k] /= samples
		}
		mean, all := result{loss: got / samples, embeddings: gotGradient}, result{loss: want, embeddings: wantGradient}
		same(t, "mean over the samples", mean, all, 1e-12, 1e-9)
	}
}

// The same with samples as they are drawn: the mean odds of 3,000 are within 4 standard errors; without the weight they are far off.
func TestUnbiasedOddsOfDraws(t *testing.T) {
	in := randomBatch(43, 40, 1, 6)
	in.labels, in.embeddings = in.labels[:2], in.embeddings[:2]
	loss := losses.NormFace{Gamma: 3}
	eval := graph.MustNewExec(backendtest.Go(t), func(labels, embeddings, weights, present, weight *graph.Node) []*graph.Node {
		s := losses.Classes(labels, embeddings, weights, losses.Cosine)
		return []*graph.Node{
			graph.ReduceAllSum(graph.Expm1(losses.Unbiased(loss, present, weight).PerAnchor(s))),
			graph.ReduceAllSum(graph.Expm1(loss.PerAnchor(s))),
		}
	})
	defer eval.Finalize()
	of := func(drawn losses.SampledClasses) (corrected, plain float64) {
		in := sampled(in, drawn)
		out, err := eval.Call(in.labels, in.embeddings, in.others, int32(drawn.Present), drawn.Weight)
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Value().(float64), out[1].Value().(float64)
	}
	full, _ := of(draw(t, 1, 1, in.labels, 40, 0))
	const draws = 3000
	var sum, squares, plain float64
	for step := range draws {
		x, y := of(draw(t, 0.25, 1, in.labels, 40, step))
		sum, squares, plain = sum+x, squares+x*x, plain+y
	}
	mean := sum / draws
	standardError := math.Sqrt((squares/draws - mean*mean) / draws)
	if math.Abs(mean-full) > 4*standardError {
		t.Errorf("mean odds %g ± %g, want %g", mean, standardError, full)
	}
	if plain/draws > full/2 {
		t.Errorf("without the weight the odds are %g of %g, want less than half", plain/draws, full)
	}
}

func TestDrawRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		ratio  float64
		labels []int32
		want   string
	}{
		{"no ratio", 0, []int32{0}, "Ratio must be in (0, 1], got 0"},
		{"a ratio above 1", 1.5, []int32{0}, "Ratio must be in (0, 1], got 1.5"},
		{"a label too high", 1, []int32{10, 3}, "labels must be in [0, 10), got 3 to 10"},
		{"a label below 0", 1, []int32{-1, 3}, "labels must be in [0, 10), got -1 to 3"},
		{"an empty batch", 1, nil, "a batch must have at least one label"},
		{"more classes than are sampled", 0.2, []int32{1, 2, 3}, "a batch of 3 classes does not fit into 2, 0.2 of 10: raise the ratio"},
	} {
		_, err := losses.ClassSampling{Ratio: c.ratio}.Draw(c.labels, 10, 1)
		wantError(t, c.name, err, c.want)
	}
}
