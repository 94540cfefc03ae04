//go:build mpi

package mpi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

func init() {
	scenes["losses"], scenes["steps"] = onBackend(sameLosses), onBackend(sameSteps)
}

// Two, three and four ranks have the loss and the gradient of one process, of a batch that none of these numbers divides; a step of training
// moves the network as it does in one process.
func TestExactUnderMPI(t *testing.T) {
	for _, scene := range []string{"losses", "steps"} {
		for ranks := 2; ranks <= 4; ranks++ {
			t.Run(fmt.Sprint(scene, " on ", ranks), func(t *testing.T) {
				if said, err := underMPI(t, scene, ranks); err != nil {
					t.Errorf("%q, %v", said, err)
				}
			})
		}
	}
}

func onBackend(do func(g ranks.Group, b compute.Backend) error) func(job *Job) error {
	return func(job *Job) error {
		b, err := backend.New("go", 1)
		if err != nil {
			return err
		}
		return do(job, b)
	}
}

// sameLosses compares the value and the gradient of all losses of the catalogue that see only their row with those of this process by itself.
func sameLosses(g ranks.Group, b compute.Backend) error {
	const rows, dim = 25, 5
	var labels []int32
	for i := range rows {
		labels = append(labels, int32(i*i%7))
	}
	random := rand.New(rand.NewPCG(3, 4))
	numbers := make([]float64, rows*dim)
	for i := range numbers {
		numbers[i] = random.NormFloat64()
	}
	of := tensors.FromFlatDataAndDimensions(labels, rows)
	for _, entry := range losses.Catalogue() {
		if _, beyond := losses.LooksBeyondRow(entry.Default); beyond {
			continue // it is whole on each rank
		}
		stream, err := losses.NewStream(b, losses.SameLabel, entry.Default, entry.Similarity, losses.Mean)
		if err != nil {
			return err
		}
		double := tensors.FromFlatDataAndDimensions(numbers, rows, dim)
		if err := sameLoss[float64](g, stream, of, double, 1e-12); err != nil {
			return fmt.Errorf("%s in float64: %w", entry.Name, err)
		}
		short := make([]float32, len(numbers))
		for i, x := range numbers {
			short[i] = float32(x)
		}
		if err := sameLoss[float32](g, stream, of, tensors.FromFlatDataAndDimensions(short, rows, dim), 1e-6); err != nil {
			return fmt.Errorf("%s in float32: %w", entry.Name, err)
		}
		stream.Finalize()
	}
	return nil
}

func sameLoss[T float32 | float64](g ranks.Group, stream *losses.Stream, labels, embeddings *tensors.Tensor, tolerance float64) error {
	want, whole, err := stream.ValueAndGradient(labels, embeddings)
	if err != nil {
		return err
	}
	got, gradient, err := stream.ValueAndGradientOf(labels, embeddings, losses.BatchPart{
		Part: g.Rank(), Parts: g.Size(),
		Sum:    func(own []float64) ([]float64, error) { return ranks.Sums(g, own) },
		Gather: func(x *tensors.Tensor) (*tensors.Tensor, error) { return g.Gather(x, g.Size()) },
	})
	if err != nil {
		return err
	}
	own, err := g.ReduceScatter(gradient)
	if err != nil {
		return err
	}
	if gradient, err = g.Gather(own, labels.Size()); err != nil {
		return err
	}
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		return fmt.Errorf("rank %d of %d has the loss %.17g, one process %.17g", g.Rank(), g.Size(), got, want)
	}
	return near(tensors.MustCopyFlatData[T](gradient), tensors.MustCopyFlatData[T](whole), tolerance)
}

// near returns an error unless numbers are others, but for so much of the greatest of these.
func near[T float32 | float64](got, want []T, tolerance float64) error {
	greatest := 0.0
	for _, x := range want {
		greatest = max(greatest, math.Abs(float64(x)))
	}
	for i, x := range want {
		if !(math.Abs(float64(got[i]-x)) <= tolerance*greatest) {
			return fmt.Errorf("number %d is %.17g, of one process %.17g, of %.3g at most", i, got[i], x, greatest)
		}
	}
	return nil
}

// sameSteps compares two steps of training with those of this process by itself: of a pair-wise loss, and of one whose class weights are divided.
func sameSteps(g ranks.Group, b compute.Backend) error {
	set, err := data.Glyphs(data.GlyphsConfig{Classes: 6, PerClass: 6, Size: 16})
	if err != nil {
		return err
	}
	for _, loss := range []string{"circle", "am-softmax"} {
		c := train.DefaultConfig()
		c.Network = train.Network{Size: 16, Width: 4, Dim: 8}
		c.Loss, c.Classes, c.PerClass, c.Steps, c.Warmup = loss, 5, 5, 2, 0
		// A step so small that sums in another order do not choose another pixel of a maximum.
		c.Optimizer, c.LearningRate, c.Schedule, c.FrozenNorm = train.OptimizerSGD, 1e-3, train.ScheduleConstant, true
		if c.Augment = (data.Augment{}); loss == "am-softmax" {
			c.ClassBlock = 1
		}
		var results [2]*train.Result
		for i, group := range []ranks.Group{ranks.Alone{}, g} {
			if results[i], err = train.Run(context.Background(), b, c, set, train.Options{Ranks: group}); err != nil {
				return fmt.Errorf("%s: %w", loss, err)
			}
		}
		for i, record := range results[0].History {
			if got := results[1].History[i].Loss; !(math.Abs(got-record.Loss) <= 1e-6*math.Abs(record.Loss)) {
				err = errors.Join(err, fmt.Errorf("step %d: loss %.9g, want %.9g", i+1, got, record.Loss))
			}
		}
		var embeddings [2][]float32
		for i, result := range results {
			embedded, wrong := result.Embedder.EmbedSet(set)
			embeddings[i], err = embedded.Embeddings, errors.Join(err, wrong)
		}
		if err = errors.Join(err, near(embeddings[1], embeddings[0], 1e-6)); err != nil {
			return fmt.Errorf("%s on %d ranks: %w", loss, g.Size(), err)
		}
	}
	return nil
}
