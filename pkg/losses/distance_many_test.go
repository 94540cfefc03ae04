package losses_test

import (
	"fmt"
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

// hardRow makes number k of row i of a batch, of two normal numbers: the row's own, and that of the first row of its class.
type hardRow func(i, k int, own, class float64) float64

// hardRows are rows that a product in float32 gets wrong, or might: how each number is made, how far off a distance may be, and a gradient
// beside its largest number.
var hardRows = map[string]struct {
	of              hardRow
	value, gradient float64
}{
	"spread":         {func(_, _ int, own, _ float64) float64 { return own }, 3e-7, 1e-4},
	"of one sign":    {func(_, _ int, own, _ float64) float64 { return max(own, 0) }, 3e-7, 1e-4},
	"in classes":     {func(_, _ int, own, class float64) float64 { return class + 0.2*own }, 3e-7, 1e-4},
	"a little apart": {func(_, _ int, own, class float64) float64 { return class + 0.05*own }, 3e-7, 1e-3},
	"near":           {func(_, _ int, own, class float64) float64 { return class + 1e-3*own }, 3e-7, 1e-2},
	"some near": {func(i, _ int, own, class float64) float64 {
		if i%97 == 0 {
			return class + 1e-3*own
		}
		return own
	}, 3e-7, 1e-2},
	"copies":   {func(_, _ int, _, class float64) float64 { return class }, 3e-7, 1e-4},
	"far away": {func(_, _ int, own, _ float64) float64 { return 4096 + own }, 3e-7, 1e-4},
	"far away, of both signs": {func(_, k int, own, class float64) float64 {
		return 1000*float64(1-k%3) + class + 0.3*own
	}, 3e-7, 1e-4},
	// Beside a long row all short ones are as far: which of them are hardest is up to rounding.
	"of all lengths": {func(i, _ int, own, _ float64) float64 { return own * math.Pow(10, float64(i%16-12)) }, 3e-7, 0.2},
	"some 0":         {func(i, _ int, own, _ float64) float64 { return own * float64(min(1, i%5)) }, 3e-7, 1e-4},
	"long":           {func(_, _ int, own, _ float64) float64 { return own * 0x1p100 }, 3e-7, 1e-4},
	"short":          {func(_, _ int, own, _ float64) float64 { return own * 0x1p-100 }, 3e-7, 1e-4},
	// Rounding goes the same way at each number of the sum, which has no chance to cancel.
	"of two numbers": {func(_, _ int, own, _ float64) float64 { return math.Copysign(1/math.Sqrt(512), own) }, 3e-7, 1e-2},
}

// batchOf makes rows in classes of four, in no order, of numbers of float32.
func (of hardRow) batchOf(rows, dim int) batch {
	random := rand.New(rand.NewPCG(7, uint64(rows)))
	in := batch{labels: make([]int32, rows)}
	for i, at := range random.Perm(rows) {
		in.labels[at] = int32(i / 4)
	}
	classes := map[int32][]float64{}
	for i, label := range in.labels {
		own := make([]float64, dim)
		for k := range own {
			own[k] = random.NormFloat64()
		}
		if classes[label] == nil {
			classes[label] = own
		}
		row := make([]float64, dim)
		for k := range row {
			row[k] = of(i, k, own[k], classes[label][k])
		}
		in.embeddings = append(in.embeddings, rounded32(row))
	}
	return in
}

// distancesOf are |x − y| of all rows, by differences in float64.
func distancesOf(in batch) [][]float64 {
	all := make([][]float64, len(in.embeddings))
	for i, x := range in.embeddings {
		all[i] = make([]float64, len(in.embeddings))
		for j, y := range in.embeddings {
			scale := max(largest(x), largest(y), math.SmallestNonzeroFloat32)
			for k := range x {
				all[i][j] += (x[k] - y[k]) / scale * (x[k] - y[k]) / scale
			}
			all[i][j] = scale * math.Sqrt(all[i][j])
		}
	}
	return all
}

// Distances of many rows are those of float64 to the last digits of float32, whatever the rows are.
func TestDistancesOfManyRowsAreExact(t *testing.T) {
	const rows, dim = 104, 512
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		exec := graph.MustNewExec(b, func(labels, x *graph.Node) *graph.Node {
			s := losses.Pairs(labels, graph.ConvertDType(x, dtypes.Float32), losses.NegativeL2)
			return graph.ConvertDType(s.Similarity, dtypes.Float64)
		})
		defer exec.Finalize()
		for name, c := range hardRows {
			in := c.of.batchOf(rows, dim)
			out, err := exec.Call(in.labels, in.embeddings)
			if err != nil {
				t.Fatal(err)
			}
			got, want := tensors.MustCopyFlatData[float64](out[0]), distancesOf(in)
			worst, at := 0.0, ""
			for i := range rows {
				for j := range rows {
					if i == j {
						continue // in no loss
					}
					x, y := in.embeddings[i], in.embeddings[j]
					off := math.Abs(-got[i*rows+j]-want[i][j]) - 3e-16*square(norm(x)+norm(y))/max(want[i][j], math.SmallestNonzeroFloat32)
					if want[i][j] == 0 {
						off = math.Abs(got[i*rows+j])
					}
					if relative := off / max(want[i][j], math.SmallestNonzeroFloat32); !(relative <= worst) {
						worst, at = relative, fmt.Sprintf("%d and %d are %g apart, not %g", i, j, want[i][j], -got[i*rows+j])
					}
				}
			}
			if !(worst <= c.value) {
				t.Errorf("rows %s: %s, %.2g of it off", name, at, worst)
			}
		}
	})
}

func square(x float64) float64 { return x * x }

func norm(x []float64) float64 {
	sum, scale := 0.0, max(largest(x), math.SmallestNonzeroFloat32)
	for _, v := range x {
		sum += square(v / scale)
	}
	return scale * math.Sqrt(sum)
}

// Losses of distances have the value and the gradient of their formulas in float64, by half of the matrix, whole and in blocks of rows.
func TestLossesOfDistancesOfManyRows(t *testing.T) {
	const rows, dim, margin = 776, 32, 8
	type formula struct {
		losses.Loss
		of func(in batch, apart [][]float64) result
	}
	batches := map[string]batch{}
	apart := map[string][][]float64{}
	for name, c := range hardRows {
		batches[name] = c.of.batchOf(rows, dim)
		apart[name] = distancesOf(batches[name])
	}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for of, l := range map[string]formula{
			"contrastive":  {losses.Contrastive{NegativeMargin: margin}, contrastiveOf(margin)},
			"hard triplet": {losses.Triplet{Margin: margin, Mining: losses.MineHard}, hardTripletOf(margin)},
		} {
			half := newEvaluator(b, dtypes.Float32, pairs(losses.NegativeL2), reduced(l, losses.Mean))
			defer half.Finalize()
			whole := newEvaluator(b, dtypes.Float32, mined(pairs(losses.NegativeL2), losses.ByAutodiff), reduced(l, losses.Mean))
			defer whole.Finalize()
			blocks, err := losses.NewStream(b, losses.SameLabel, l, losses.NegativeL2, losses.Mean)
			if err != nil {
				t.Fatal(err)
			}
			defer blocks.Finalize()
			blocks.InSmallBlocks(400, rows)
			for name, in := range batches {
				want := l.of(in, apart[name])
				farthest := 0.0
				for _, row := range apart[name] {
					farthest = max(farthest, largest(row))
				}
				for path, got := range map[string]result{
					"half": half.of(t, in), "whole": whole.of(t, in), "blocks": streamedBy(t, blocks, dtypes.Float32, in),
				} {
					what := fmt.Sprintf("%s of rows %s, %s", of, name, path)
					if !(math.Abs(got.loss-want.loss) <= max(3e-6, hardRows[name].value)*max(farthest, margin)) {
						t.Errorf("%s: %g, want %g", what, got.loss, want.loss)
					}
					sameNumbers(t, what, got.embeddings, want.embeddings, hardRows[name].gradient)
				}
			}
		}
	})
}

// contrastiveOf is the mean of mean d_p + mean [margin − d_n]_+ over the rows, with its gradient.
func contrastiveOf(margin float64) func(in batch, apart [][]float64) result {
	return func(in batch, apart [][]float64) result {
		rows := float64(len(in.labels))
		return lossOf(in, apart, func(i, j int) (value, slope float64) {
			d := apart[i][j]
			switch {
			case in.labels[i] == in.labels[j]:
				return d / 3 / rows, 1 / 3. / rows
			case d < margin:
				return (margin - d) / (rows - 4) / rows, -1 / (rows - 4) / rows
			}
			return 0, 0
		})
	}
}

// hardTripletOf is the mean of [max d_p − min d_n + margin]_+ over the rows, with its gradient: that of the mean of all that tie
// in float32.
func hardTripletOf(margin float64) func(in batch, apart [][]float64) result {
	return func(in batch, apart [][]float64) result { return hardTriplet(in, apart, margin) }
}

func hardTriplet(in batch, apart [][]float64, margin float64) result {
	rows := len(in.labels)
	far, near := make([]float64, rows), make([]float64, rows)
	farTies, nearTies := make([]float64, rows), make([]float64, rows)
	tie := func(most, ties *float64, d float64, better bool) {
		if better {
			*most, *ties = d, 0
		}
		if d == *most {
			*ties++
		}
	}
	for i := range rows {
		far[i], near[i] = math.Inf(-1), math.Inf(1)
		for j, d := range apart[i] {
			d = float64(float32(d))
			if in.labels[i] != in.labels[j] {
				tie(&near[i], &nearTies[i], d, d < near[i])
			} else if i != j {
				tie(&far[i], &farTies[i], d, d > far[i])
			}
		}
	}
	return lossOf(in, apart, func(i, j int) (value, slope float64) {
		d, same := float64(float32(apart[i][j])), in.labels[i] == in.labels[j]
		switch {
		case far[i]+margin <= near[i]:
		case same && d == far[i]:
			return (d + margin) / farTies[i] / float64(rows), 1 / farTies[i] / float64(rows)
		case !same && d == near[i]:
			return -d / nearTies[i] / float64(rows), -1 / nearTies[i] / float64(rows)
		}
		return 0, 0
	})
}

// lossOf sums up what of gives of each pair of rows, with its slope by the distance.
func lossOf(in batch, apart [][]float64, of func(i, j int) (value, slope float64)) result {
	dim := len(in.embeddings[0])
	out := result{embeddings: make([]float64, len(in.labels)*dim)}
	for i, x := range in.embeddings {
		for j, y := range in.embeddings {
			if i == j {
				continue
			}
			value, slope := of(i, j)
			out.loss += value
			if slope == 0 || apart[i][j] == 0 {
				continue
			}
			for k := range x {
				g := slope * (x[k] - y[k]) / apart[i][j]
				out.embeddings[i*dim+k] += g
				out.embeddings[j*dim+k] -= g
			}
		}
	}
	return out
}
