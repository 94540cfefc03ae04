package losses_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
)

// A square beyond the type is an error for every loss of pairs: none may take it for a pair that is absent.
func TestSquaresBeyondTheTypeShow(t *testing.T) {
	in := batch{labels: []int32{0, 0, 1, 1}, embeddings: [][]float64{{3e25, 4e25}, {4e25, -3e25}, {1e25, 4e25}, {-4e25, 3e25}}}
	for _, entry := range losses.Catalogue() {
		switch entry.Default.(type) {
		case losses.Histogram, losses.FastAP: // of similarities in [−1, 1]: what is beyond counts at the end
			continue
		}
		if entry.Labels == losses.PairLabels {
			got := evaluate(t, backendtest.Go(t), dtypes.Float32, in, pairs(losses.NegativeSquaredL2), reduced(entry.Default, losses.Mean))
			if finite(got.loss) {
				t.Errorf("%s: %g", entry.Name, got.loss)
			}
			hardest := mined(pairs(losses.Dot), losses.HardestPairs) // −∞ is not among what they are chosen from
			if got := evaluate(t, backendtest.Go(t), dtypes.Float32, in, hardest, reduced(entry.Default, losses.Mean)); finite(got.loss) {
				t.Errorf("%s of the hardest pairs by products: %g", entry.Name, got.loss)
			}
		}
	}
}

// What is not a number shows in the value of every loss, whatever its similarity and miner: it must not be taken for a 0.
func TestWhatIsNotANumberShows(t *testing.T) {
	ordinary := degenerateBatches()["ordinary"]
	b := backendtest.Go(t)
	for _, value := range []float64{math.NaN(), math.Inf(1)} {
		in := ordinary
		in.embeddings = slices.Clone(in.embeddings)
		in.embeddings[1] = []float64{0.5, value, 0.25}
		for _, entry := range losses.Catalogue() {
			for _, sim := range []losses.Similarity{entry.Similarity, losses.NegativeL2} {
				got := evaluate(t, b, dtypes.Float32, in, scoringBy(entry, sim), reduced(entry.Default, losses.Mean))
				if finite(got.loss) {
					t.Errorf("%s by %v of %g: %g", entry.Name, sim, value, got.loss)
				}
			}
		}
		got := evaluate(t, backendtest.XLA(t), dtypes.Float32, in, pairs(losses.Cosine), reduced(losses.DefaultCircle(), losses.Mean))
		if finite(got.loss) {
			t.Errorf("circle on XLA of %g: %g", value, got.loss)
		}
		for name, miner := range map[string]losses.Miner{"hardest": losses.HardestPairs, "multi-similarity": losses.MultiSimilarityPairs(0.1)} {
			got := evaluate(t, b, dtypes.Float32, in, mined(pairs(losses.NegativeL2), miner), reduced(losses.DefaultContrastive(), losses.Mean))
			if finite(got.loss) {
				t.Errorf("%s of %g: %g", name, value, got.loss)
			}
		}
	}
}

// What is not a number shows in blocks too.
func TestWhatIsNotANumberShowsInBlocks(t *testing.T) {
	b := backendtest.Go(t)
	labels := tensors.FromValue([]int32{0, 0, 1, 1})
	x := tensors.FromValue([][]float32{{1, 0.5}, {float32(math.NaN()), 1}, {0.25, -1}, {0, 1}})
	weights := tensors.FromValue([][]float32{{1, 0}, {0, 1}, {1, 1}})
	for name, sim := range map[string]losses.Similarity{"tiles": losses.Cosine, "rows": losses.NegativeL2} {
		stream, err := losses.NewStream(b, losses.SameLabel, losses.DefaultCircle(), sim, losses.Mean)
		if err != nil {
			t.Fatal(err)
		}
		value, _, err := stream.ValueAndGradient(labels, x)
		if err != nil || finite(value) {
			t.Errorf("stream by %s: %g, %v", name, value, err)
		}
		stream.Finalize()
	}
	blocks, err := losses.NewClassBlocks(b, losses.DefaultNormFace(), losses.Cosine, losses.Mean, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer blocks.Finalize()
	value, _, err := blocks.Gradients(labels, x, weights, nil)
	if err != nil || finite(float64(tensors.ToScalar[float32](value))) {
		t.Errorf("blocks of classes: %v, %v", value, err)
	}
}
