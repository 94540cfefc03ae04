package losses_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// rows are scores on the host: an anchor's within-class and between-class similarities.
type rows struct {
	similarity         [][]float64
	positive, negative [][]bool
}

// randomRows makes anchors whose scores are cosines, some without a positive or a negative.
func randomRows(seed uint64, anchors, candidates int) rows {
	random := rand.New(rand.NewPCG(seed, 0))
	var r rows
	for range anchors {
		s, p, n := make([]float64, candidates), make([]bool, candidates), make([]bool, candidates)
		for j := range s {
			s[j] = 2*random.Float64() - 1
			kind := random.IntN(4)
			p[j], n[j] = kind == 0, kind > 1
		}
		r.similarity, r.positive, r.negative = append(r.similarity, s), append(r.positive, p), append(r.negative, n)
	}
	return r
}

// scoresGradient computes Σ of the anchors' losses and its gradient by the scores, [anchors][candidates].
func scoresGradient(t *testing.T, b compute.Backend, loss losses.Loss, r rows) (float64, [][]float64) {
	t.Helper()
	exec := graph.MustNewExec(b, func(similarity, positive, negative *graph.Node) (*graph.Node, *graph.Node) {
		sum := losses.Sum.Of(loss, losses.Scores{Similarity: similarity, Positive: positive, Negative: negative})
		return sum, graph.Gradient(sum, similarity)[0]
	})
	defer exec.Finalize()
	out, err := exec.Call(r.similarity, r.positive, r.negative)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.ToScalar[float64](out[0]), out[1].Value().([][]float64)
}

// circleByHand is equation (6) and equations (9) and (10) of the paper, term by term.
func circleByHand(c losses.Circle, s []float64, positive, negative []bool) (value float64, gradient []float64) {
	m, gamma := c.Margin, c.Gamma
	var sumP, sumN float64
	expP, expN := make([]float64, len(s)), make([]float64, len(s))
	for j := range s {
		if positive[j] {
			expP[j] = math.Exp(-gamma * math.Max(0, 1+m-s[j]) * (s[j] - (1 - m)))
			sumP += expP[j]
		}
		if negative[j] {
			expN[j] = math.Exp(gamma * math.Max(0, s[j]+m) * (s[j] - m))
			sumN += expN[j]
		}
	}
	gradient = make([]float64, len(s))
	value = math.Log1p(sumP * sumN)
	if sumP == 0 || sumN == 0 {
		return value, gradient
	}
	z := 1 - math.Exp(-value)
	for j := range s {
		if positive[j] {
			gradient[j] += z * expP[j] / sumP * gamma * -math.Max(0, 1+m-s[j])
		}
		if negative[j] {
			gradient[j] += z * expN[j] / sumN * gamma * math.Max(0, s[j]+m)
		}
	}
	return value, gradient
}

// Equations (6), (9) and (10), for many positives and for the one of class-level labels.
func TestCircleEquations(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		many := randomRows(1, 12, 9)
		one := randomRows(2, 12, 9)
		for i := range one.positive {
			for j := range one.positive[i] {
				one.positive[i][j], one.negative[i][j] = j == i%9, j != i%9
			}
		}
		for name, r := range map[string]rows{"pair-wise": many, "class-level": one} {
			for _, c := range []losses.Circle{{Margin: 0.25, Gamma: 32}, {Margin: 0.4, Gamma: 80}, {Margin: 0, Gamma: 1}} {
				value, gradient := scoresGradient(t, b, c, r)
				var want float64
				for i := range r.similarity {
					rowValue, rowGradient := circleByHand(c, r.similarity[i], r.positive[i], r.negative[i])
					want += rowValue
					sameNumbers(t, name, gradient[i], rowGradient, 1e-9)
				}
				if math.Abs(value-want) > 1e-9*(1+want) {
					t.Errorf("%s: %+v = %.15g, want %.15g", name, c, value, want)
				}
			}
		}
	})
}

// The weights α are constant for the gradient: it is not the slope of the value, which has its least at s_n = 0.
func TestCircleGradientIsNotTheSlope(t *testing.T) {
	b := backendtest.Go(t)
	c := losses.Circle{Margin: 0.4, Gamma: 80}
	at := func(sn float64) rows {
		return rows{[][]float64{{0.6, sn}}, [][]bool{{true, false}}, [][]bool{{false, true}}}
	}
	const h = 1e-6
	above, _ := scoresGradient(t, b, c, at(-0.2+h))
	below, _ := scoresGradient(t, b, c, at(-0.2-h))
	_, gradient := scoresGradient(t, b, c, at(-0.2))
	if slope := (above - below) / (2 * h); slope >= 0 || gradient[0][1] <= 0 {
		t.Errorf("at s_n = −0.2 the value's slope is %g (want < 0) and the gradient %g (want > 0: on to −m)", slope, gradient[0][1])
	}
}

// A pair of the batch with itself is no pair: with it, every anchor would have a positive of similarity 1.
func TestSelfIsNoPair(t *testing.T) {
	in := batch{labels: []int32{0, 0, 1, 1}, embeddings: [][]float64{{1, 0}, {0.6, 0.8}, {0, 1}, {-1, 0.5}}}
	counts := evaluate(t, backendtest.Go(t), dtypes.Float64, in, pairs(losses.Cosine), func(s losses.Scores) *graph.Node {
		count := func(mask *graph.Node) *graph.Node {
			return graph.ReduceAllSum(graph.ConvertDType(mask, dtypes.Float64))
		}
		return graph.Add(count(s.Positive), graph.MulScalar(count(s.Negative), 100))
	})
	if counts.loss != 4+800 {
		t.Errorf("4 rows of 2 classes have 4 positive and 8 negative pairs, got the code %g, want 804", counts.loss)
	}
}
