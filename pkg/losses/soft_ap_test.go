package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The average precision with soft ranks, on anchors of as many positives as they happen to have.
func TestSmoothAPByHand(t *testing.T) {
	const tau = 0.2
	byHand(t, losses.SmoothAP{Temperature: tau}, randomRows(51, 8, 9), func(s []float64, positive, negative []bool) float64 {
		loss, _ := sumOf(s, positive, func(p float64) float64 {
			among, _ := sumOf(s, positive, func(j float64) float64 { return sigmoid((j - p) / tau) })
			before, _ := sumOf(s, negative, func(j float64) float64 { return sigmoid((j - p) / tau) })
			return 1 - (among+0.5)/(among+0.5+before)
		})
		_, count := sumOf(s, positive, func(float64) float64 { return 0 })
		return loss / math.Max(count, 1)
	})
}

// In a ranking without mistakes the loss goes to 0 with the temperature, whatever the sizes of the classes.
func TestSmoothAPOfAPerfectRanking(t *testing.T) {
	in := batch{
		labels:     []int32{0, 0, 1, 1, 1, 2, 2, 2, 2},
		embeddings: [][]float64{{1, 0, 0}, {9, 1, 0}, {0, 1, 0}, {1, 9, 0}, {0, 9, 1}, {0, 0, 1}, {1, 0, 9}, {0, 1, 9}, {1, 1, 9}},
	}
	got := evaluate(t, backendtest.Go(t), dtypes.Float64, in, pairs(losses.Cosine), reduced(losses.DefaultSmoothAP(), losses.Mean))
	if got.loss > 1e-12 {
		t.Errorf("value %g, want 0", got.loss)
	}
}

// The ranked list as published: weighted means without the library's 1e-5.
func TestRankedListByHand(t *testing.T) {
	loss := losses.RankedList{Margin: 0.4, Alpha: 0.5, PositiveTemperature: 2, NegativeTemperature: 5, Balance: 0.3}
	byHand(t, loss, randomRows(52, 8, 9), func(s []float64, positive, negative []bool) float64 {
		mean := func(mask []bool, violation func(float64) float64, temperature float64) float64 {
			weigh := func(x float64) float64 {
				if v := violation(x); v > 0 {
					return math.Exp(temperature * v)
				}
				return 0
			}
			weights, _ := sumOf(s, mask, weigh)
			sum, _ := sumOf(s, mask, func(x float64) float64 { return weigh(x) * math.Max(0, violation(x)) })
			if weights == 0 {
				return 0
			}
			return sum / weights
		}
		return 0.7*mean(positive, func(x float64) float64 { return -x - 0.1 }, 2) +
			0.3*mean(negative, func(x float64) float64 { return 0.5 + x }, 5)
	})
}

func TestSquaredContrastiveByHand(t *testing.T) {
	loss := losses.Contrastive{PositiveMargin: -0.5, NegativeMargin: 0.2, Squared: true}
	byHand(t, loss, randomRows(53, 6, 7), func(s []float64, positive, negative []bool) float64 {
		p, np := sumOf(s, positive, func(x float64) float64 { return math.Pow(math.Max(0, -x+0.5), 2) })
		n, nn := sumOf(s, negative, func(x float64) float64 { return math.Pow(math.Max(0, 0.2+x), 2) })
		return p/math.Max(np, 1) + n/math.Max(nn, 1)
	})
}

// Every mining of triplets, hinge and soft, by loops over the three. XLA counts the hinges by sorting, in float32 in another way
// than in float64; the pure-Go backend counts them one by one.
func TestTripletsByHand(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		r := randomRows(54, 12, 11)
		for _, loss := range []losses.Triplet{
			{Margin: 0.3, Mining: losses.MineAll}, {Margin: 0.3, Mining: losses.MineSemiHard},
			{Margin: 0.3, Mining: losses.MineHard}, {Margin: 0.3, Mining: losses.MineEasyPositive},
			{Margin: 0.3, Mining: losses.MineAll, Soft: true}, {Margin: 0.3, Mining: losses.MineSemiHard, Soft: true},
		} {
			value, _ := scoresGradient(t, b, loss, r)
			want := 0.0
			for i, s := range r.similarity {
				want += tripletsByHand(loss, s, r.positive[i], r.negative[i])
			}
			if math.Abs(value-want) > 1e-9 || want == 0 {
				t.Errorf("%+v = %.15g, want %.15g", loss, value, want)
			}
			in := randomBatch(55, 5, 3, 4)
			double := evaluate(t, b, dtypes.Float64, in, pairs(losses.Cosine), reduced(loss, losses.Mean))
			single := evaluate(t, b, dtypes.Float32, in, pairs(losses.Cosine), reduced(loss, losses.Mean))
			learns(t, "triplet", double)
			same(t, fmt.Sprintf("%+v in float32", loss), single, double, 1e-5, 1e-4)
		}
	})
}

func tripletsByHand(loss losses.Triplet, s []float64, positive, negative []bool) float64 {
	hardest, easiest := math.Inf(1), math.Inf(-1)
	for p, x := range s {
		if positive[p] {
			hardest, easiest = math.Min(hardest, x), math.Max(easiest, x)
		}
	}
	nearest, beyond := math.Inf(-1), math.Inf(-1)
	for n, x := range s {
		if negative[n] {
			nearest = math.Max(nearest, x)
			if x < easiest {
				beyond = math.Max(beyond, x)
			}
		}
	}
	sum, count := 0.0, 0.0
	for p := range s {
		for n := range s {
			gap := s[n] - s[p]
			chosen := map[losses.Mining]bool{
				losses.MineAll:          true,
				losses.MineSemiHard:     gap < 0 && gap >= -loss.Margin,
				losses.MineHard:         s[p] == hardest && s[n] == nearest,
				losses.MineEasyPositive: s[p] == easiest && s[n] == beyond,
			}[loss.Mining]
			if !positive[p] || !negative[n] || !chosen {
				continue
			}
			term := math.Max(0, gap+loss.Margin)
			if loss.Soft {
				term = math.Log1p(math.Exp(gap + loss.Margin))
			}
			sum, count = sum+term, count+1
		}
	}
	return sum / math.Max(count, 1)
}

// A batch whose cube of triplets is made in several pieces has the value and gradient of one that is not: here by adding rows
// that take no part.
func TestPiecesOfTheCube(t *testing.T) {
	const rows = 300 // 300³ > 2^24
	in := randomBatch(56, 4, 3, 4)
	f := reduced(losses.PNP{Penalty: losses.PenaltyDs, Alpha: 1, B: 1, Temperature: 0.1}, losses.Sum)
	few := evaluate(t, backendtest.Go(t), dtypes.Float64, in, pairs(losses.Cosine), f)
	many := evaluate(t, backendtest.Go(t), dtypes.Float64, in, func(labels, embeddings, _, _ *graph.Node) losses.Scores {
		more := rows - len(in.labels)
		labels = graph.Concatenate([]*graph.Node{labels, graph.BroadcastToDims(graph.Const(labels.Graph(), int32(99)), more)}, 0)
		zeros := graph.Zeros(embeddings.Graph(), shapes.Make(dtypes.Float64, more, 4))
		s := losses.Pairs(labels, graph.Concatenate([]*graph.Node{embeddings, zeros}, 0), losses.Cosine)
		real := graph.LessThan(labels, graph.BroadcastToDims(graph.Const(labels.Graph(), int32(99)), rows))
		both := graph.LogicalAnd(graph.InsertAxes(real, 0), graph.InsertAxes(real, 1))
		s.Positive, s.Negative = graph.LogicalAnd(s.Positive, both), graph.LogicalAnd(s.Negative, both)
		return s
	}, f)
	learns(t, "PNP", few)
	same(t, "in pieces", many, few, 1e-12, 1e-12)
}

// Draws of negatives fall on distances as often as 1/q says, and never beyond 1.4.
func TestDistanceWeighted(t *testing.T) {
	const draws, dim = 20_000, 8
	random := rand.New(rand.NewPCG(57, 0))
	candidates := [][]float64{}
	for _, distance := range []float64{0.2, 0.5, 0.8, 1.1, 1.3, 1.39, 1.5} {
		v := make([]float64, dim)
		v[0] = 1 - distance*distance/2
		v[1+random.IntN(dim-1)] = math.Sqrt(1 - v[0]*v[0])
		candidates = append(candidates, v)
	}
	anchor := make([]float64, dim)
	anchor[0] = 1
	exec := graph.MustNewExec(backendtest.Go(t), func(anchors, candidates *graph.Node) *graph.Node {
		g := anchors.Graph()
		state := graph.RNGStateFromSeedForGraph(g, 1)
		uniform := func(shape shapes.Shape) (numbers *graph.Node) {
			state, numbers = graph.RandomUniform(state, shape)
			return numbers
		}
		label := func(value int32, n int) *graph.Node { return graph.BroadcastToDims(graph.Const(g, value), n) }
		s := losses.PairsAgainst(label(0, draws), anchors, label(1, candidates.Shape().Dim(0)), candidates, unitL2)
		drawn := losses.DistanceWeighted(1, uniform)(s).Negative
		return graph.ReduceSum(graph.ConvertDType(drawn, dtypes.Float64), 0)
	})
	anchors := make([][]float64, draws)
	for i := range anchors {
		anchors[i] = anchor
	}
	out, err := exec.Call(anchors, candidates)
	if err != nil {
		t.Fatal(err)
	}
	weight := func(d float64) float64 {
		d = math.Max(d, 0.5)
		return math.Pow(d, 2-dim) * math.Pow(1-d*d/4, (3-dim)/2.0)
	}
	total := 0.0
	distances := []float64{0.2, 0.5, 0.8, 1.1, 1.3, 1.39}
	for _, d := range distances {
		total += weight(d)
	}
	counts := out[0].Value().([]float64)
	for i, d := range distances {
		want := draws * weight(d) / total
		if math.Abs(counts[i]-want) > 5*math.Sqrt(want)+1 {
			t.Errorf("distance %g: %g draws of %d, want %.0f", d, counts[i], draws, want)
		}
	}
	if counts[6] != 0 {
		t.Errorf("distance 1.5: %g draws, want none", counts[6])
	}
}
