package losses_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// inBlocks computes a batch in blocks of classes.
func inBlocks(t testing.TB, b compute.Backend, dtype dtypes.DType, in batch, loss losses.Loss, sim losses.Similarity,
	reduce losses.Reduction, block int) result {
	t.Helper()
	blocks, err := losses.NewClassBlocks(b, loss, sim, reduce, block)
	if err != nil {
		t.Fatal(err)
	}
	defer blocks.Finalize()
	typed := graph.MustNewExec(b, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtype) })
	wide := graph.MustNewExec(b, func(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Float64) })
	numbers := func(x *tensors.Tensor) []float64 { return tensors.MustCopyFlatData[float64](wide.MustCall1(x)) }
	weights := make([]float64, len(in.others)*len(in.others[0]))
	value, gradient, err := blocks.Gradients(tensors.FromValue(in.labels), typed.MustCall1(in.embeddings), typed.MustCall1(in.others),
		func(block losses.ClassBlock) error {
			copy(weights[block.From*len(in.others[0]):], numbers(block.Gradient))
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return result{loss: numbers(value)[0], embeddings: numbers(gradient), others: weights}
}

// whole computes a batch with all classes at once.
func whole(t testing.TB, b compute.Backend, dtype dtypes.DType, in batch, loss losses.Loss, sim losses.Similarity,
	reduce losses.Reduction) result {
	t.Helper()
	return evaluate(t, b, dtype, in, classes(losses.Measure(loss, sim)), reduced(loss, reduce))
}

// classBatch has 7 classes, one of which no row has.
func classBatch(centers int) batch {
	in := randomBatch(31, 6, 2, 5)
	more := randomBatch(32, 7*centers, 1, 5)
	in.others = more.others
	in.labels[3] = 6 // and one class has one row
	return in
}

// oddsSums are the losses of the catalogue that can be taken in blocks.
func oddsSums() (entries []losses.Entry) {
	for _, entry := range losses.Catalogue() {
		if _, ok := entry.Default.(losses.OddsSum); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}

func TestClassBlocksAreTheWholeLoss(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		entries := oddsSums()
		if len(entries) != 17 {
			t.Errorf("%d losses, want 17", len(entries))
		}
		for _, entry := range entries {
			for dtype, tolerance := range map[dtypes.DType]float64{dtypes.Float64: 1e-12, dtypes.Float32: 1e-6} {
				if b.Name() == "xla" && entry.Name != "am-softmax" {
					continue // compiling takes seconds; the graphs are made of the same operations
				}
				t.Run(fmt.Sprintf("%s/%s", entry.Name, dtype), func(t *testing.T) {
					t.Parallel()
					in := classBatch(losses.CentersOf(entry.Default))
					got := inBlocks(t, b, dtype, in, entry.Default, entry.Similarity, losses.Mean, 3)
					want := whole(t, b, dtype, in, entry.Default, entry.Similarity, losses.Mean)
					learns(t, entry.Name, want)
					same(t, entry.Name, got, want, tolerance, tolerance)
				})
			}
		}
	})
}

// However the classes are cut, and however anchors are weighed, it is the same.
func TestClassBlocksOfAnySize(t *testing.T) {
	b, in := backendtest.Go(t), classBatch(1)
	in.labels[0] = 99 // no class: no positive
	for name, reduce := range losses.Reductions() {
		want := whole(t, b, dtypes.Float64, in, circle, losses.Cosine, reduce)
		for _, block := range []int{1, 2, 6, 7, 100} {
			got := inBlocks(t, b, dtypes.Float64, in, circle, losses.Cosine, reduce, block)
			same(t, fmt.Sprintf("%s, blocks of %d", name, block), got, want, 1e-12, 1e-12)
		}
	}
}

// Shares of blocks are exponentials of differences of losses. In float32 those of losses of ten thousand have a resolution of 1e-3.
func TestClassBlocksOfLargeLosses(t *testing.T) {
	b, in := backendtest.XLA(t), classBatch(1)
	for d := range in.others[0] { // all classes but one are nearly the same, so that all blocks have a share
		for k := 2; k < len(in.others); k++ {
			in.others[k][d] = in.others[1][d] + 1e-4*in.others[k][d]
		}
		for i := range in.labels {
			in.labels[i] = 0
			in.embeddings[i][d] += 2 * (in.others[1][d] - in.others[0][d])
		}
	}
	loss := losses.AMSoftmax{Margin: 0.35, Gamma: 8192} // a power of two: the logits of the others are rounded nowhere
	want := whole(t, b, dtypes.Float32, in, loss, losses.Cosine, losses.Mean)
	if want.loss < 10_000 {
		t.Errorf("the loss is %g, want 10,000 or more", want.loss)
	}
	same(t, "blocks of 3", inBlocks(t, b, dtypes.Float32, in, loss, losses.Cosine, losses.Mean, 3), want, 1e-6, 1e-6)
}

func TestClassBlocksOfDegenerateBatches(t *testing.T) {
	for name, in := range degenerateBatches() {
		for _, loss := range []losses.Loss{circle, losses.DefaultAMSoftmax(), losses.AMSoftmax{Margin: 0.35, Gamma: 1e4}} {
			for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16} {
				mustBeFinite(t, name, inBlocks(t, backendtest.Go(t), dtype, in, loss, losses.Cosine, losses.Mean, 2))
			}
			want := whole(t, backendtest.Go(t), dtypes.Float64, in, loss, losses.Cosine, losses.Mean)
			same(t, name, inBlocks(t, backendtest.Go(t), dtypes.Float64, in, loss, losses.Cosine, losses.Mean, 2), want, 1e-12, 1e-12)
		}
	}
}

func TestClassBlocksRefuse(t *testing.T) {
	b := backendtest.Go(t)
	labels, embeddings := tensors.FromValue([]int32{0}), tensors.FromValue([][]float32{{1, 2}})
	weights := tensors.FromValue([][]float32{{1, 2, 3}})
	for _, c := range []struct {
		name  string
		loss  losses.Loss
		block int
		want  string
	}{
		{"looks at columns", losses.DefaultProxyAnchor(), 10, "losses.ProxyAnchor cannot be put together from blocks of classes"},
		{"a mean over classes", losses.P2SGrad{}, 10, "losses.P2SGrad cannot be put together"},
		{"an invalid loss", losses.Circle{}, 10, "losses.Circle: Gamma must be a number > 0"},
		{"an empty block", circle, 0, "a block must have at least 1 class, got 0"},
		{"weights of another dimension", circle, 10, "embeddings and weights must have the same dimension"},
	} {
		blocks, err := losses.NewClassBlocks(b, c.loss, losses.Cosine, losses.Mean, c.block)
		if err == nil {
			_, _, err = blocks.Gradients(labels, embeddings, weights, nil)
			blocks.Finalize()
		}
		wantError(t, c.name, err, c.want)
	}
}

func TestClassBlocksStop(t *testing.T) {
	blocks, err := losses.NewClassBlocks(backendtest.Go(t), circle, losses.Cosine, losses.Mean, 1)
	if err != nil {
		t.Fatal(err)
	}
	stop, calls := errors.New("stop"), 0
	_, _, err = blocks.Gradients(tensors.FromValue([]int32{0, 1}), tensors.FromValue([][]float32{{1, 2}, {2, 1}}),
		tensors.FromValue([][]float32{{1, 2}, {2, 1}, {0, 1}}), func(losses.ClassBlock) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("error %v after %d calls, want stop after 1", err, calls)
	}
}
