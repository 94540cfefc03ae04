package losses_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// rowLoss is a loss of one anchor written in plain float64, from a paper's formula.
type rowLoss func(similarity []float64, positive, negative []bool) float64

// byHand compares a loss with a plain one on random rows: its value, and its gradient with differences of the plain one.
func byHand(t *testing.T, loss losses.Loss, r rows, plain rowLoss) {
	t.Helper()
	value, gradient := scoresGradient(t, backendtest.Go(t), loss, r)
	want := 0.0
	for i, s := range r.similarity {
		want += plain(s, r.positive[i], r.negative[i])
		differences := make([]float64, len(s))
		for j := range s {
			const h = 1e-6
			s[j] += h
			differences[j] = plain(s, r.positive[i], r.negative[i])
			s[j] -= 2 * h
			differences[j] = (differences[j] - plain(s, r.positive[i], r.negative[i])) / (2 * h)
			s[j] += h
		}
		sameNumbers(t, "gradient", gradient[i], differences, 1e-6)
	}
	if math.Abs(value-want) > 1e-9*(1+math.Abs(want)) || want == 0 {
		t.Errorf("%+v = %.15g, want %.15g", loss, value, want)
	}
}

// sums of the true entries.
func sumOf(values []float64, mask []bool, f func(float64) float64) (sum, count float64) {
	for j, x := range values {
		if mask[j] {
			sum += f(x)
			count++
		}
	}
	return sum, count
}

func TestP2SGradByHand(t *testing.T) {
	byHand(t, losses.P2SGrad{}, randomRows(31, 5, 6), func(s []float64, positive, negative []bool) float64 {
		p, np := sumOf(s, positive, func(x float64) float64 { return (x - 1) * (x - 1) })
		n, nn := sumOf(s, negative, func(x float64) float64 { return x * x })
		return (p + n) / math.Max(np+nn, 1)
	})
}

func TestMarginByHand(t *testing.T) {
	margin := losses.Margin{Alpha: 0.2, Beta: 0.3}
	byHand(t, margin, randomRows(32, 5, 6), func(s []float64, positive, negative []bool) float64 {
		p, np := sumOf(s, positive, func(x float64) float64 { return math.Max(0, -x-0.3+0.2) })
		n, nn := sumOf(s, negative, func(x float64) float64 { return math.Max(0, 0.3+x+0.2) })
		return (p + n) / math.Max(np+nn, 1)
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

// A boundary that is learnt, here 0.7 of all anchors, is the loss with that Beta; its gradient is the count of pairs beyond,
// the negatives' with a minus sign.
func TestMarginWithLearntBeta(t *testing.T) {
	b := backendtest.Go(t)
	in := randomBatch(33, 3, 3, 4)
	fixed := evaluate(t, b, dtypes.Float64, in, pairs(unitL2), reduced(losses.Margin{Alpha: 0.2, Beta: 0.7}, losses.Mean))
	default_ := losses.DefaultMargin()
	learnt := evaluate(t, b, dtypes.Float64, in, pairs(unitL2), func(s losses.Scores) *graph.Node {
		beta := graph.Const(s.Similarity.Graph(), 0.7)
		return losses.Mean.Of(default_, default_.WithBeta(s, beta))
	})
	learns(t, "margin", fixed)
	same(t, "learnt β = 0.7", learnt, fixed, 1e-12, 1e-12)
}

func TestEasyMarginByHand(t *testing.T) {
	const m, gamma = 0.5, 4.0
	byHand(t, losses.ArcFace{Margin: m, Gamma: gamma, EasyMargin: true}, oneClassEach(randomRows(34, 6, 6)),
		func(s []float64, positive, negative []bool) float64 {
			p, _ := sumOf(s, positive, func(x float64) float64 {
				if x > 0 {
					x = math.Cos(math.Acos(x) + m)
				}
				return math.Exp(gamma * x)
			})
			n, _ := sumOf(s, negative, func(x float64) float64 { return math.Exp(gamma * x) })
			return -math.Log(p / (p + n))
		})
}

// λ of SphereFace's training: a mean of plain softmax and the loss, weighted λ : 1, in the own class's logit.
func TestLambdaByHand(t *testing.T) {
	const lambda = 3.0
	withLengths := lengthsOf1{losses.SphereFace{Margin: 2, Lambda: lambda}}
	byHand(t, withLengths, oneClassEach(randomRows(35, 6, 6)), func(s []float64, positive, negative []bool) float64 {
		p, _ := sumOf(s, positive, func(x float64) float64 {
			psi := 2*x*x - 1
			if x < 0 {
				psi = -psi - 2
			}
			return math.Exp((psi + lambda*x) / (1 + lambda))
		})
		n, _ := sumOf(s, negative, math.Exp)
		return -math.Log(p / (p + n))
	})
	for step, want := range map[int]float64{0: 1000, 100: 1000.0 / 13, 100_000: 5} {
		if got := losses.SphereFaceLambda(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("λ of step %d is %g, want %g", step, got, want)
		}
	}
}

// SphereFace of m = 3 by its angles: ψ(θ) = (−1)^k cos(3θ) − 2k, k = ⌊3θ/π⌋.
func TestSphereFaceByHand(t *testing.T) {
	sphere := lengthsOf1{losses.SphereFace{Margin: 3}}
	byHand(t, sphere, oneClassEach(randomRows(41, 6, 6)), func(s []float64, positive, negative []bool) float64 {
		p, _ := sumOf(s, positive, func(x float64) float64 {
			k := math.Floor(3 * math.Acos(x) / math.Pi)
			return math.Exp(math.Pow(-1, k)*math.Cos(3*math.Acos(x)) - 2*k)
		})
		n, _ := sumOf(s, negative, math.Exp)
		return -math.Log(p / (p + n))
	})
}

// lengthsOf1 is a loss on scores of vectors of length 1.
type lengthsOf1 struct{ losses.Loss }

func (l lengthsOf1) PerAnchor(s losses.Scores) *graph.Node {
	s.AnchorVectors = graph.OnesLike(graph.SliceAxis(s.Similarity, 1, graph.AxisRange(0, 1)))
	s.CandidateVectors = graph.OnesLike(graph.Transpose(graph.SliceAxis(s.Similarity, 0, graph.AxisRange(0, 1)), 0, 1))
	return l.Loss.PerAnchor(s)
}

// oneClassEach makes class-level rows: row i's own class is i.
func oneClassEach(r rows) rows {
	for i := range r.positive {
		for j := range r.positive[i] {
			r.positive[i][j], r.negative[i][j] = i == j, i != j
		}
	}
	return r
}

func TestDCLByHand(t *testing.T) {
	byHand(t, losses.DCL{Temperature: 0.5}, randomRows(38, 5, 6), func(s []float64, positive, negative []bool) float64 {
		p, np := sumOf(s, positive, func(x float64) float64 { return -x / 0.5 })
		n, nn := sumOf(s, negative, func(x float64) float64 { return math.Exp(x / 0.5) })
		if np == 0 || nn == 0 {
			return 0
		}
		return p/np + math.Log(n)
	})
}

func TestSigLIPByHand(t *testing.T) {
	byHand(t, losses.SigLIP{Temperature: 0.5, Bias: -1}, randomRows(39, 5, 6), func(s []float64, positive, negative []bool) float64 {
		p, _ := sumOf(s, positive, func(x float64) float64 { return math.Log1p(math.Exp(-(x/0.5 - 1))) })
		n, _ := sumOf(s, negative, func(x float64) float64 { return math.Log1p(math.Exp(x/0.5 - 1)) })
		return p + n
	})
}

// At a temperature of 0.01 in float32 the loss and its gradient are those of float64.
func TestNTXentAtLowTemperature(t *testing.T) {
	in := randomBatch(36, 4, 4, 6)
	f := reduced(losses.NTXent{Temperature: 0.01}, losses.MeanTerms)
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		exact := evaluate(t, b, dtypes.Float64, in, pairs(losses.Cosine), f)
		single := evaluate(t, b, dtypes.Float32, in, pairs(losses.Cosine), f)
		learns(t, "NT-Xent", exact)
		same(t, "float32", single, exact, 2e-6, 1e-4)
	})
}

// The angular loss of a batch by its definition, pair by pair: pytorch-metric-learning 2 leaves negatives unnormalised, and is
// no oracle unless they have length 1.
func TestAngularByHand(t *testing.T) {
	in := randomBatch(37, 3, 3, 4)
	tan := math.Pow(math.Tan(40*math.Pi/180), 2)
	unit := make([][]float64, len(in.embeddings))
	for i, v := range in.embeddings {
		unit[i] = scaled([][]float64{v}, 1/math.Sqrt(dot(v, v)))[0]
	}
	want, terms := 0.0, 0.0
	for a := range unit {
		for p := range unit {
			if a == p || in.labels[a] != in.labels[p] {
				continue
			}
			sum := 1.0
			for n := range unit {
				if in.labels[n] != in.labels[a] {
					sum += math.Exp(4*tan*(dot(unit[a], unit[n])+dot(unit[p], unit[n])) - 2*(1+tan)*dot(unit[a], unit[p]))
				}
			}
			want += math.Log(sum)
			terms++
		}
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		got := evaluate(t, b, dtypes.Float64, in, pairs(losses.Cosine), reduced(losses.DefaultAngular(), losses.MeanTerms))
		if math.Abs(got.loss-want/terms) > 1e-12*want {
			t.Errorf("value %.15g, want %.15g", got.loss, want/terms)
		}
	})
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
