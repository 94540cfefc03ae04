package losses_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// streamed computes a batch in blocks of some rows, or if that is 0 of as many as it takes by itself.
func streamed(t *testing.T, b compute.Backend, dtype dtypes.DType, in batch, height int, related losses.Relation, loss losses.Loss,
	sim losses.Similarity, reduce losses.Reduction, miners ...losses.Miner) result {
	t.Helper()
	stream, err := losses.NewStream(b, related, loss, sim, reduce, miners...)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Finalize()
	if height > 0 {
		stream.InSmallBlocks(height, len(in.embeddings))
	}
	return streamedBy(t, stream, dtype, in)
}

// streamedBy computes a batch by a stream, which may have computed others.
func streamedBy(t *testing.T, stream *losses.Stream, dtype dtypes.DType, in batch) result {
	t.Helper()
	rows, dim := len(in.embeddings), len(in.embeddings[0])
	labels := tensors.FromFlatDataAndDimensions(in.labels, rows)
	var embeddings *tensors.Tensor
	if dtype == dtypes.Float64 {
		embeddings = tensors.FromFlatDataAndDimensions(flat[float64](in.embeddings), rows, dim)
	} else {
		embeddings = tensors.FromFlatDataAndDimensions(flat[float32](in.embeddings), rows, dim)
	}
	value, gradient, err := stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		t.Fatal(err)
	}
	out := result{loss: value}
	if dtype == dtypes.Float64 {
		out.embeddings = tensors.MustCopyFlatData[float64](gradient)
	} else {
		for _, x := range tensors.MustCopyFlatData[float32](gradient) {
			out.embeddings = append(out.embeddings, float64(x))
		}
	}
	return out
}

func flat[T float32 | float64](rows [][]float64) []T {
	var all []T
	for _, row := range rows {
		for _, x := range row {
			all = append(all, T(x))
		}
	}
	return all
}

// Every loss of the catalogue that sees only its row has in blocks the value and the gradient that it has at once; of the rest,
// none is taken.
func TestStreamIsExact(t *testing.T) {
	in := unevenBatch(4, 37, 5)
	b := backendtest.Go(t)
	for _, entry := range losses.Catalogue() {
		t.Run(entry.Name, func(t *testing.T) {
			t.Parallel()
			if at, beyond := losses.LooksBeyondRow(entry.Default); beyond {
				_, err := losses.NewStream(b, losses.SameLabel, entry.Default, entry.Similarity, losses.Mean)
				if want := fmt.Sprintf("%T looks at %s", entry.Default, at); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error that says %q", err, want)
				}
				return
			}
			for name, reduce := range losses.Reductions() {
				want := evaluate(t, b, dtypes.Float64, in, mined(pairs(entry.Similarity), losses.ByAutodiff), reduced(entry.Default, reduce))
				want.others = nil
				if _, centred := entry.Default.(losses.Centred); !centred {
					learns(t, name, want)
				}
				same(t, name, streamed(t, b, dtypes.Float64, in, 8, losses.SameLabel, entry.Default, entry.Similarity, reduce), want, 1e-12, 1e-12)
			}
		})
	}
}

// So it has with miners, under other relations and as the hard triplet, whose sums look at one another, on both backends.
func TestStreamOfMinersAndRelations(t *testing.T) {
	in := withCopies(unevenBatch(5, 37, 5))
	hard := losses.Triplet{Margin: 0.2, Mining: losses.MineHard}
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		dtype, tolerance := dtypes.Float64, 1e-12
		if b.Name() == "xla" {
			dtype, tolerance = dtypes.Float32, 1e-6
		}
		for name, c := range map[string]struct {
			loss    losses.Loss
			sim     losses.Similarity
			related losses.Relation
			miners  []losses.Miner
		}{
			"circle":                  {circle, losses.Cosine, losses.SameLabel, nil},
			"nt-xent":                 {losses.DefaultNTXent(), losses.Cosine, losses.SameLabel, nil},
			"hard triplet":            {hard, losses.Cosine, losses.SameLabel, nil},
			"hard triplet, distances": {hard, unitL2, losses.SameLabel, nil},
			"multi-similarity, mined": {losses.DefaultMultiSimilarity(), losses.Cosine, losses.SameLabel,
				[]losses.Miner{losses.MultiSimilarityPairs(0.1)}},
			"mined twice": {circle, losses.Cosine, losses.SameLabel, []losses.Miner{losses.PairsBeyond(0, 1), losses.HardestPairs}},
			"triplets, mined": {losses.DefaultTriplet(), unitL2, losses.SameLabel,
				[]losses.Miner{losses.PairsOfTriplets(0.2, losses.MineAll)}},
			"another relation": {circle, losses.Cosine, losses.RelationFunc(func(labels, others *graph.Node) (positive, negative *graph.Node) {
				positive, negative = losses.SameLabel.Of(labels, others)
				return negative, positive
			}), nil},
		} {
			scores := mined(func(labels, embeddings, _, _ *graph.Node) losses.Scores {
				return losses.ByAutodiff(losses.PairsBy(c.related, labels, embeddings, c.sim))
			}, c.miners...)
			want := evaluate(t, b, dtype, in, scores, reduced(c.loss, losses.Mean))
			want.others = nil
			learns(t, name, want)
			same(t, name, streamed(t, b, dtype, in, 8, c.related, c.loss, c.sim, losses.Mean, c.miners...), want, tolerance, tolerance)
		}
	})
}

// Blocks of the size that it takes by itself, several each way, give what the whole matrix gives.
func TestStreamOfWholeBlocks(t *testing.T) {
	in, b := unevenBatch(7, 3000, 16), backendtest.XLA(t)
	for name, c := range map[string]struct {
		loss   losses.Loss
		miners []losses.Miner
	}{
		"circle":                  {circle, nil},
		"nt-xent":                 {losses.DefaultNTXent(), nil},
		"multi-similarity, mined": {losses.DefaultMultiSimilarity(), []losses.Miner{losses.MultiSimilarityPairs(0.1)}},
	} {
		scores := mined(mined(pairs(losses.Cosine), losses.ByAutodiff), c.miners...)
		for dtype, tolerance := range map[dtypes.DType]float64{dtypes.Float64: 1e-12, dtypes.Float32: 1e-6} {
			want := evaluate(t, b, dtype, in, scores, reduced(c.loss, losses.Mean))
			want.others = nil
			learns(t, name, want)
			got := streamed(t, b, dtype, in, 0, losses.SameLabel, c.loss, losses.Cosine, losses.Mean, c.miners...)
			same(t, fmt.Sprint(name, " ", dtype), got, want, tolerance, 2*tolerance)
		}
	}
}

// A stream takes batches of other sizes after one another, and one without anything to learn.
func TestStreamOfOtherSizes(t *testing.T) {
	b := backendtest.Go(t)
	for _, loss := range []losses.Loss{circle, losses.SmoothAP{Temperature: 0.1}} {
		stream, err := losses.NewStream(b, losses.SameLabel, loss, losses.Cosine, losses.Mean)
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Finalize()
		for _, rows := range []int{1, 19, 8, 19} {
			in := unevenBatch(6, rows, 3)
			value, gradient, err := stream.InSmallBlocks(7, rows).ValueAndGradient(
				tensors.FromFlatDataAndDimensions(in.labels, rows), tensors.FromFlatDataAndDimensions(flat[float64](in.embeddings), rows, 3))
			if err != nil {
				t.Fatal(err)
			}
			want := evaluate(t, b, dtypes.Float64, in, pairs(losses.Cosine), reduced(loss, losses.Mean))
			want.others = nil
			same(t, fmt.Sprint(rows), result{loss: value, embeddings: tensors.MustCopyFlatData[float64](gradient)}, want, 1e-12, 1e-12)
		}
	}
}

// What cannot be streamed, and what is no batch, is refused in a line.
func TestStreamRefuses(t *testing.T) {
	b := backendtest.Go(t)
	for _, c := range []struct {
		name   string
		loss   losses.Loss
		reduce losses.Reduction
		want   string
	}{
		{"an invalid loss", losses.Circle{}, losses.Mean, "losses.Circle: Gamma must be a number > 0"},
		{"a reduction that divides by others", circle, losses.MeanBetween(0, 1), "MeanTerms or MeanNonZero, got mean-between(0, 1)"},
		{"a loss that looks beyond its row", losses.Triplet{Margin: 0.2, Mining: losses.MineAll, Swap: true}, losses.Mean,
			"losses.Triplet looks at the similarities"},
	} {
		_, err := losses.NewStream(b, losses.SameLabel, c.loss, losses.Cosine, c.reduce)
		wantError(t, c.name, err, c.want)
	}
	stream, err := losses.NewStream(b, losses.SameLabel, circle, losses.Cosine, losses.Mean)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Finalize()
	three, none := tensors.FromValue([]int32{0, 0, 1}), tensors.FromFlatDataAndDimensions([]float32{}, 0, 2)
	for _, c := range []struct {
		name       string
		embeddings *tensors.Tensor
		want       string
	}{
		{"fewer rows than labels", tensors.FromValue([][]float32{{1, 2}, {3, 4}}),
			"labels must be one per row of the embeddings (Float32)[2, 2]"},
		{"no rows", none, "float [rows, dim] with at least one of each"},
		{"labels in place of embeddings", three, "embeddings must be float [rows, dim]"},
	} {
		_, _, err := stream.ValueAndGradient(three, c.embeddings)
		wantError(t, c.name, err, c.want)
		_, _, err = stream.PerAnchor(three, c.embeddings)
		wantError(t, c.name+", per anchor", err, c.want)
	}
}

// Every anchor has in blocks what it has at once, for every loss of the catalogue that can be taken in blocks.
func TestStreamPerAnchor(t *testing.T) {
	in, b := unevenBatch(4, 37, 5), backendtest.Go(t)
	rows, dim := len(in.embeddings), len(in.embeddings[0])
	labels := tensors.FromFlatDataAndDimensions(in.labels, rows)
	embeddings := tensors.FromFlatDataAndDimensions(flat[float64](in.embeddings), rows, dim)
	for _, entry := range losses.Catalogue() {
		stream, err := losses.NewStream(b, losses.SameLabel, entry.Default, entry.Similarity, losses.Mean)
		if err != nil {
			continue // it looks at the whole batch
		}
		values, has, err := stream.InSmallBlocks(8, rows).PerAnchor(labels, embeddings)
		stream.Finalize()
		if err != nil {
			t.Errorf("%s: %v", entry.Name, err)
			continue
		}
		out := graph.MustExecOnceN(b, func(labels, embeddings *graph.Node) []*graph.Node {
			scores := losses.Pairs(labels, embeddings, entry.Similarity)
			return []*graph.Node{entry.Default.PerAnchor(scores), graph.ConvertDType(entry.Default.Anchors(scores), dtypes.Bool)}
		}, labels, embeddings)
		if want := tensors.MustCopyFlatData[bool](out[1]); !slices.Equal(has, want) {
			t.Errorf("%s: the anchors are %v, want %v", entry.Name, has, want)
		}
		for i, want := range tensors.MustCopyFlatData[float64](out[0]) {
			if diff := values[i] - want; diff > 1e-12*max(1, want) || -diff > 1e-12*max(1, want) {
				t.Errorf("%s: anchor %d has %.15g, want %.15g", entry.Name, i, values[i], want)
				break
			}
		}
	}
}
