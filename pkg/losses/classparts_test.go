package losses_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
	"github.com/unipair/unipair/pkg/losses"
)

// inClassParts computes a batch on so many ranks, each with its share of the classes, and returns what each has made of it with the others. Of
// the gradient on the class weights a rank has its own rows. The first so many classes of a rank count for themselves, the others for weight.
func inClassParts(t *testing.T, b compute.Backend, size int, dtype dtypes.DType, in batch, loss losses.Loss, sim losses.Similarity,
	reduce losses.Reduction, present int, weight float64) result {
	t.Helper()
	centers, dim := losses.CentersOf(loss), len(in.others[0])
	classes := len(in.others) / centers
	results := make([]result, size)
	whole := result{others: make([]float64, len(in.others)*dim)}
	typed := graph.MustNewExec(b, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtype) })
	wide := graph.MustNewExec(b, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Float64) })
	numbers := func(x *tensors.Tensor) []float64 { return tensors.MustCopyFlatData[float64](wide.MustCall1(x)) }
	rankstest.Together(t, size, func(g ranks.Group) error {
		blocks, err := losses.NewClassBlocks(b, loss, sim, reduce, 2)
		if err != nil {
			return err
		}
		defer blocks.Finalize()
		from, to := ranks.ShareOf(g, classes)
		of := losses.ClassPart{
			From: from, Classes: classes, Present: present, Weight: weight, Sum: g.AllReduce,
			Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
		}
		value, gradient, err := blocks.GradientsOf(tensors.FromValue(in.labels), typed.MustCall1(in.embeddings),
			typed.MustCall1(in.others[from*centers:to*centers]), of, func(block losses.ClassBlock) error {
				copy(whole.others[(from*centers+block.From)*dim:to*centers*dim], numbers(block.Gradient))
				return nil
			})
		if err == nil {
			gradient, err = g.AllReduce(gradient)
		}
		if err != nil {
			return err
		}
		results[g.Rank()] = result{loss: numbers(value)[0], embeddings: numbers(gradient)}
		return nil
	})
	for rank, got := range results {
		if got.loss != results[0].loss {
			t.Errorf("rank %d of %d has the loss %.17g, and rank 0 %.17g", rank, size, got.loss, results[0].loss)
		}
	}
	whole.loss, whole.embeddings = results[0].loss, results[0].embeddings
	return whole
}

// Class weights that are shared among two to four ranks have the value and the gradients that they have in one, of 7 classes, which do not divide;
// an anchor's own class is on another rank.
func TestClassPartsAreTheWholeLoss(t *testing.T) {
	b := backendtest.Go(t)
	for _, entry := range oddsSums() {
		t.Run(entry.Name, func(t *testing.T) {
			t.Parallel()
			in := classBatch(losses.CentersOf(entry.Default))
			for dtype, tolerance := range map[dtypes.DType]float64{dtypes.Float64: 1e-12, dtypes.Float32: 1e-6} {
				for name, reduce := range map[string]losses.Reduction{"mean": losses.Mean, "sum": losses.Sum} {
					want := whole(t, b, dtype, in, entry.Default, entry.Similarity, reduce)
					for size := 2; size <= 4; size++ {
						got := inClassParts(t, b, size, dtype, in, entry.Default, entry.Similarity, reduce, 0, 0)
						same(t, fmt.Sprintf("%s, %s, %d ranks", name, dtype, size), got, want, tolerance, tolerance)
					}
				}
			}
		})
	}
}

// A class that stands for three in its part counts as three classes of the same weights do: value and gradients are those of the whole loss over
// classes that come again.
func TestClassPartsStandForOthers(t *testing.T) {
	b := backendtest.Go(t)
	for _, entry := range oddsSums() {
		t.Run(entry.Name, func(t *testing.T) {
			t.Parallel()
			centers := losses.CentersOf(entry.Default)
			in := classBatch(centers)
			for i := range in.labels {
				in.labels[i] = []int32{0, 1, 3, 4}[i%4] // of two ranks the first two classes each
			}
			again := in
			again.others = slices.Clone(in.others)
			for range 2 {
				for _, class := range []int{2, 5, 6} {
					again.others = append(again.others, in.others[class*centers:(class+1)*centers]...)
				}
			}
			want := whole(t, b, dtypes.Float64, again, entry.Default, entry.Similarity, losses.Mean)
			row := centers * len(in.others[0])
			for i, x := range want.others[7*row:] {
				want.others[[]int{2, 5, 6}[i/row%3]*row+i%row] += x
			}
			want.others = want.others[:7*row]
			got := inClassParts(t, b, 2, dtypes.Float64, in, entry.Default, entry.Similarity, losses.Mean, 2, 3)
			same(t, entry.Name, got, want, 1e-12, 1e-12)
		})
	}
}

// A part without a class, or that does not know the others, is refused.
func TestClassPartsRefuse(t *testing.T) {
	in := classBatch(1)
	blocks, err := losses.NewClassBlocks(backendtest.Go(t), losses.DefaultAMSoftmax(), losses.Cosine, losses.Mean, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer blocks.Finalize()
	same := func(x *tensors.Tensor) (*tensors.Tensor, error) { return x, nil }
	for _, c := range []struct {
		name string
		of   losses.ClassPart
		want string
	}{
		{"more than there are", losses.ClassPart{From: 1, Classes: 7, Sum: same, Gather: same}, "at least one class of 7, and know the others; got 7 from 1 on"},
		{"before the first", losses.ClassPart{From: -1, Classes: 9, Sum: same, Gather: same}, "got 7 from -1 on"},
		{"nobody to ask", losses.ClassPart{From: 1, Classes: 9}, "know the others"},
		{"more than all", losses.ClassPart{Classes: 7, Present: 8, Weight: 1, Sum: same, Gather: same}, "got 8 and 1"},
		{"less than none", losses.ClassPart{Classes: 7, Weight: -1, Sum: same, Gather: same}, "got 0 and -1"},
	} {
		_, _, err := blocks.GradientsOf(tensors.FromValue(in.labels), tensors.FromValue(in.embeddings), tensors.FromValue(in.others), c.of, nil)
		wantError(t, c.name, err, c.want)
	}
}
