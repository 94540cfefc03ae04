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

// inParts computes a batch on so many ranks, each with its share of the work, and returns what each has made of it with the others.
func inParts(t *testing.T, size int, dtype dtypes.DType, in batch, newStream func() (*losses.Stream, error)) []result {
	t.Helper()
	rows, dim := len(in.embeddings), len(in.embeddings[0])
	results := make([]result, size)
	rankstest.Together(t, size, func(g ranks.Group) error {
		stream, err := newStream()
		if err != nil {
			return err
		}
		defer stream.Finalize()
		embeddings := tensors.FromFlatDataAndDimensions(flat[float64](in.embeddings), rows, dim)
		if dtype == dtypes.Float32 {
			embeddings = tensors.FromFlatDataAndDimensions(flat[float32](in.embeddings), rows, dim)
		}
		loss, gradient, err := stream.ValueAndGradientOf(tensors.FromFlatDataAndDimensions(in.labels, rows), embeddings, losses.BatchPart{
			Part: g.Rank(), Parts: g.Size(),
			Sum:    func(own []float64) ([]float64, error) { return ranks.Sums(g, own) },
			Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
		})
		if err != nil {
			return err
		}
		part, err := g.ReduceScatter(gradient)
		if err != nil {
			return err
		}
		whole, err := g.Gather(part, rows)
		if err != nil {
			return err
		}
		out := result{loss: loss}
		if dtype == dtypes.Float64 {
			out.embeddings = tensors.MustCopyFlatData[float64](whole)
		} else {
			for _, x := range tensors.MustCopyFlatData[float32](whole) {
				out.embeddings = append(out.embeddings, float64(x))
			}
		}
		results[g.Rank()] = out
		return nil
	})
	return results
}

// Every loss of the catalogue that sees only its row, by every reduction, has on one to four ranks the value and the gradient that it has on one,
// of a batch whose rows do not divide; positives of an anchor are on other ranks.
func TestStreamInPartsIsExact(t *testing.T) {
	in, b := unevenBatch(4, 19, 5), backendtest.Go(t)
	for _, entry := range losses.Catalogue() {
		if _, beyond := losses.LooksBeyondRow(entry.Default); beyond {
			continue // TestStreamIsExact: they are refused
		}
		t.Run(entry.Name, func(t *testing.T) {
			t.Parallel()
			for name, reduce := range losses.Reductions() {
				inPartsAsWhole(t, b, name, in, losses.SameLabel, entry.Default, entry.Similarity, reduce)
			}
		})
	}
}

// So it has with miners and under other relations.
func TestStreamInPartsOfMinersAndRelations(t *testing.T) {
	in, b := withCopies(unevenBatch(5, 19, 5)), backendtest.Go(t)
	other := losses.RelationFunc(func(labels, others *graph.Node) (positive, negative *graph.Node) {
		positive, negative = losses.SameLabel.Of(labels, others)
		return negative, positive
	})
	hard := losses.Triplet{Margin: 0.2, Mining: losses.MineHard}
	inPartsAsWhole(t, b, "hard triplet", in, losses.SameLabel, hard, unitL2, losses.Mean)
	inPartsAsWhole(t, b, "another relation", in, other, circle, losses.Cosine, losses.Mean)
	inPartsAsWhole(t, b, "mined", in, losses.SameLabel, losses.DefaultMultiSimilarity(), losses.Cosine, losses.MeanNonZero,
		losses.MultiSimilarityPairs(0.1))
	inPartsAsWhole(t, b, "mined twice", in, losses.SameLabel, circle, losses.Cosine, losses.Mean, losses.PairsBeyond(0, 1), losses.HardestPairs)
	inPartsAsWhole(t, b, "triplets, mined", in, losses.SameLabel, losses.DefaultTriplet(), unitL2, losses.MeanTerms,
		losses.PairsOfTriplets(0.2, losses.MineAll))
}

// inPartsAsWhole compares one to four ranks with one matrix, by autodiff: to 1e-12 in float64, and on two ranks to 1e-6 in float32.
func inPartsAsWhole(t *testing.T, b compute.Backend, name string, in batch, related losses.Relation, loss losses.Loss, sim losses.Similarity,
	reduce losses.Reduction, miners ...losses.Miner) {
	t.Helper()
	scores := mined(func(labels, embeddings, _, _ *graph.Node) losses.Scores {
		return losses.ByAutodiff(losses.PairsBy(related, labels, embeddings, sim))
	}, miners...)
	for dtype, c := range map[dtypes.DType]struct {
		sizes     []int
		tolerance float64
	}{dtypes.Float64: {[]int{1, 2, 3, 4}, 1e-12}, dtypes.Float32: {[]int{2}, 1e-6}} {
		want := evaluate(t, b, dtype, in, scores, reduced(loss, reduce))
		want.others = nil
		for _, size := range c.sizes {
			results := inParts(t, size, dtype, in, func() (*losses.Stream, error) {
				stream, err := losses.NewStream(b, related, loss, sim, reduce, miners...)
				if err == nil {
					stream.InSmallBlocks(3, len(in.embeddings))
				}
				return stream, err
			})
			for rank, got := range results {
				same(t, fmt.Sprintf("%s, %s, rank %d of %d", name, dtype, rank, size), got, want, c.tolerance, c.tolerance)
				if got.loss != results[0].loss || !slices.Equal(got.embeddings, results[0].embeddings) {
					t.Errorf("%s: rank %d of %d has other bits than rank 0", name, rank, size)
				}
			}
		}
	}
}

// A part of no rows, or of rows that are not there, is refused, and what goes wrong between the parts is an error of each.
func TestStreamInPartsRefuses(t *testing.T) {
	b := backendtest.Go(t)
	labels, embeddings := tensors.FromValue([]int32{0, 0, 1}), tensors.FromValue([][]float32{{1, 0}, {0, 1}, {1, 1}})
	sum := func(own []float64) ([]float64, error) { return own, nil }
	gather := func(x *tensors.Tensor) (*tensors.Tensor, error) { return x, nil }
	gone := fmt.Errorf("rank 1 is gone")
	for _, c := range []struct {
		name    string
		related losses.Relation
		of      losses.BatchPart
		want    string
	}{
		{"more parts than rows", losses.SameLabel, losses.BatchPart{Part: 0, Parts: 4, Sum: sum, Gather: gather}, "a part of 3 rows must be one of 1 to 3"},
		{"no part", losses.SameLabel, losses.BatchPart{Part: 2, Parts: 2, Sum: sum, Gather: gather}, "got number 2 of 2"},
		{"a part before the first", losses.SameLabel, losses.BatchPart{Part: -1, Parts: 2, Sum: sum, Gather: gather}, "got number -1 of 2"},
		{"nobody to ask", losses.SameLabel, losses.BatchPart{Part: 0, Parts: 2}, "know the others"},
		{"others that are gone, of tiles", losses.SameLabel, losses.BatchPart{Part: 0, Parts: 2, Sum: sum,
			Gather: func(*tensors.Tensor) (*tensors.Tensor, error) { return nil, gone }}, "rank 1 is gone"},
		{"others that are gone, of rows", losses.RelationFunc(losses.SameLabel.Of), losses.BatchPart{Part: 0, Parts: 2, Gather: gather,
			Sum: func([]float64) ([]float64, error) { return nil, gone }}, "rank 1 is gone"},
	} {
		stream, err := losses.NewStream(b, c.related, circle, losses.Cosine, losses.Mean)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = stream.ValueAndGradientOf(labels, embeddings, c.of)
		wantError(t, c.name, err, c.want)
		stream.Finalize()
	}
}
