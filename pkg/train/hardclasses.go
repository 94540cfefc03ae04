package train

import (
	"fmt"
	"math"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// HardClassImages counts the images of a class, its first ones, that are embedded to find the classes that it is taken for.
const HardClassImages = 8

// nearClasses counts the classes that are kept as those which a class is taken for: some may be in the batch already.
const nearClasses = 2 * data.NearGroup

// validateHardClasses checks how classes that are taken for each other are drawn.
func (c Config) validateHardClasses() error {
	switch {
	case c.HardClasses == 0:
		return nil
	case c.HardClasses < 0 || c.HardClasses >= c.Steps:
		return fmt.Errorf("the classes that are taken for each other are found every so many steps, fewer than all of them, or never (0); "+
			"got %d of %d steps (--hard-classes)", c.HardClasses, c.Steps)
	case c.Sampling == SampleRandom || c.SuperClasses > 0:
		return fmt.Errorf("batches are drawn by the classes that are taken for each other, by super-classes or at random: leave HardClasses " +
			"(--hard-classes) 0, or the others")
	}
	return nil
}

// newHardClasses makes the variable of the classes that are taken for each other, so that a checkpoint has it.
func (l *learner) newHardClasses(set data.Dataset) error {
	if l.config.HardClasses == 0 {
		return nil
	}
	there := len(set.Classes())
	if l.config.Classes >= there {
		return fmt.Errorf("train: a batch has all %d classes of %s, so that none can be chosen: ask for fewer classes per batch (--classes), or "+
			"leave HardClasses (--hard-classes) 0", there, set.Name())
	}
	first := tensors.FromFlatDataAndDimensions(make([]int32, there*min(nearClasses, there-1)), there, min(nearClasses, there-1))
	l.hard = l.store.VariableWithValue("/hardclasses/near", first).SetTrainable(false)
	return nil
}

// source gives the batches of a run one by one. Where the classes that are taken for each other are found anew, it begins with new ones.
type source struct {
	*running
	batches *data.PairBatches
	take    func() (batch, error)
	stop    func()
	until   int // the step after which batches are drawn anew
}

func (s *source) next() (batch, error) {
	if s.take == nil || s.done == s.until {
		if err := s.begin(); err != nil {
			return batch{}, err
		}
	}
	return s.take()
}

func (s *source) end() {
	if s.stop != nil {
		s.stop()
	}
}

// begin draws from the step after those that are done. Its draw depends on the checkpoint alone: on the classes that were found when its
// period began, and its seed.
func (s *source) begin() error {
	s.end()
	c := s.manifest.Config
	s.until = c.Steps
	if every := c.HardClasses; every > 0 {
		since := s.done / every * every
		s.until = min(c.Steps, since+every)
		if since > 0 && since == s.done {
			if err := s.renew(); err != nil {
				return fmt.Errorf("train: step %d: the classes that are taken for each other: %w", s.done+1, err)
			}
		}
		if since > 0 {
			near, err := s.learner.near()
			if err != nil {
				return err
			}
			s.batches.Near, s.batches.Since = near, since
		}
		s.batches.Start, s.batches.Steps = s.done, s.until
	}
	s.take, s.stop = pull(s.batches, s.learner.weights == nil)
	return nil
}

// renew finds the classes that are taken for each other: those whose images have mean embeddings of the largest cosine.
func (s *source) renew() error {
	began, l := time.Now(), s.learner
	embedder, err := freshEmbedder(s.backend, l.config.Network, 0, s.options.Network)
	if err != nil {
		return err
	}
	values, err := l.network()
	if err == nil {
		err = values.Give(network.All(embedder.layers))
	}
	if err != nil {
		return err
	}
	some := firstImages(s.set, HardClassImages)
	embedded, err := EmbedTogether(s.options.Ranks, embedder, some)
	if err != nil {
		return err
	}
	found, err := eval.NeighboursWithin(classMeans(embedded, len(s.set.Classes())), l.hard.Shape().Dim(1))
	if err != nil {
		return err
	}
	var near []int32
	for _, of := range found {
		for _, n := range of {
			near = append(near, int32(n.Index))
		}
	}
	first, err := s.options.Ranks.Broadcast(tensors.FromFlatDataAndDimensions(near, l.hard.Shape().Dimensions...))
	if err == nil {
		err = l.hard.SetValue(first)
	}
	if err != nil {
		return err
	}
	if s.options.Renewed != nil {
		s.options.Renewed(some.Len(), time.Since(began))
	}
	return nil
}

// near returns the classes that each is taken for.
func (l *learner) near() ([][]int, error) {
	value, err := l.hard.Value()
	if err != nil {
		return nil, err
	}
	flat, err := tensors.CopyFlatData[int32](value)
	if err != nil {
		return nil, err
	}
	near, each := make([][]int, l.hard.Shape().Dim(0)), l.hard.Shape().Dim(1)
	for i, class := range flat {
		near[i/each] = append(near[i/each], int(class))
	}
	return near, nil
}

// classMeans returns the mean embedding of each class, of length 1.
func classMeans(of eval.Set, classes int) eval.Set {
	sums := make([]float64, classes*of.Dim)
	for i, label := range of.Labels {
		for j, x := range of.Embeddings[i*of.Dim : (i+1)*of.Dim] {
			sums[int(label)*of.Dim+j] += float64(x)
		}
	}
	means := eval.Set{Dim: of.Dim, Embeddings: make([]float32, len(sums)), Labels: make([]int32, classes)}
	for class := range classes {
		means.Labels[class] = int32(class)
		row, square := sums[class*of.Dim:(class+1)*of.Dim], 0.0
		for _, x := range row {
			square += x * x
		}
		for j, x := range row {
			means.Embeddings[class*of.Dim+j] = float32(x / math.Sqrt(max(square, 1e-24)))
		}
	}
	return means
}

// firstImages returns the first images of each class of a set, at most so many.
func firstImages(set data.Dataset, most int) data.Dataset {
	counts, s := make([]int, len(set.Classes())), someImages{Dataset: set}
	for i := range set.Len() {
		if label := set.Label(i); counts[label] < most {
			counts[label]++
			s.images = append(s.images, i)
		}
	}
	return s
}

// someImages is some images of a set.
type someImages struct {
	data.Dataset
	images []int
}

func (s someImages) Len() int                        { return len(s.images) }
func (s someImages) Label(i int) int                 { return s.Dataset.Label(s.images[i]) }
func (s someImages) Image(i int) (data.Image, error) { return s.Dataset.Image(s.images[i]) }

// Source implements [data.SourceSet], by which features that are kept are found, and pictures that cannot be read are named.
func (s someImages) Source(i int) string { return data.Source(s.Dataset, s.images[i]) }

// Origins implements [data.OriginSet].
func (s someImages) Origins() ([]data.Origin, error) { return data.Origins(s.Dataset) }
