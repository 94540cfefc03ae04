package data

import (
	"fmt"
	"sync"

	"github.com/gomlx/gomlx/ml/train"
)

// PairBatches draws batches of P classes with K images of each, for losses over pairs. It is a data set of GoMLX's trainer. A batch has
// the inputs float32 [P·K, Size, Size, Channels], which are (x − Mean) / Std, and the labels int32 [P·K], class by class. Of a set of
// features ([Format]) the inputs are [P·K, Features], neither resized nor changed. With Numbered the labels are int32 [P·K, 2], the
// second the number of each image in the set. By it a loss tells a picture that comes twice from two pictures.
//
// Classes come in shuffled passes: each is seen before one comes again, and none comes twice in a batch. So do the images of a class.
// A class with fewer than K images gives them again, see [PairBatches.Short] and Numbered. With Random the images come so without
// regard to their classes, and labels are in no order.
//
// Of a set whose images have several labels ([Labels]) the labels are int32 [P·K, labels], 1 where an image has one. A batch is of P labels
// with K images that have it, and that are not in it yet: where a label has fewer, more labels. No image comes twice in a batch.
//
// With SuperClasses, the classes of a batch are from that many super-classes ([SuperClass]), equally many from each, so that a batch has
// what is hard to tell apart: hierarchical sampling. Super-classes with fewer classes than that are left out.
//
// Of a set that was seen in further ways ([Ways]) each image of a batch is drawn in one of them, and one that comes twice in others.
//
// Workers goroutines make batches ahead of the consumer, at most two batches per goroutine, and end when the iteration does. Set the
// fields before the first iteration and use a pointer. Images are resized to Size, or, where Augment crops, to what the smallest crop
// needs, at most twice Size. If they then all fit into Memory, they are read once, before the first batch ([PairBatches.Prepare]), and
// one that cannot be read is found there. Else as many as fit are kept, and the others are read again whenever they are drawn: the set
// may be larger than memory.
//
// The same fields give the same bits, whatever Workers is, and step n is the same whatever Start is.
type PairBatches struct {
	Dataset      Dataset    // the images, at least one class of them; it is read by several goroutines
	Classes      int        // P, at least 1
	PerClass     int        // K, at least 1
	SuperClasses int        // how many super-classes a batch draws from, a divisor of P; 0 ignores super-classes
	Random       bool       // P·K images in shuffled passes, of whatever class: to compare P×K batches with
	Size         int        // width and height, in pixels, that images are resized to, at least 1; 0 for features
	Invert       Inversion  // whether pictures are turned over before all else; empty is as the set says
	Fit          Fit        // how pictures are made square
	Resampling   Resampling // how they are then resized
	Channels     int        // 1 for gray or 3 for colour, which images are converted to; 0 is as the set has them
	Augment      Augment    // how images are changed at random; the zero value leaves them
	Mean, Std    float32    // of the numbers, to normalise by; a Std of 0 stands for 1
	Numbered     bool       // labels say which image of the set each is, too
	Seed         uint64     // of everything random

	// Near lists, for each class, those that it is taken for, the nearest first. Batches are then of groups of [NearGroup] classes: one as it
	// comes in the passes, and the first of its list that are not in the batch yet. Nil draws classes as they come.
	Near [][]int
	// Since is the step with which the passes begin, from new random numbers. Between two iterations Near, Since, Start and Steps may be
	// changed.
	Since int

	// Share says which images of a batch of n are made, those from one to before another: for a batch that several processes share. The
	// labels are those of the whole batch, and an image is the same whoever makes it. Nil makes all.
	Share func(n int) (from, to int)

	Start   int   // the first step, for a run that goes on
	Steps   int   // the steps of the whole run: batches are those of Start to Steps−1; 0 is without end
	Workers int   // goroutines that make batches; 0 is one per processor
	Memory  int64 // bytes of images to keep; 0 is 2 GiB

	mu       sync.Mutex
	images   *imageCache // of all ways, one after the other
	ways     []Dataset   // the set, and the further ways to see it
	prepared bool

	several sync.Once
	names   []string // of the labels, and those of each image, where it has several: see [Labels]
	sets    [][]int
}

var _ train.Dataset = (*PairBatches)(nil)

// maxBatch bounds the numbers of a batch: 1 GB of them.
const maxBatch = 1 << 28

// Validate returns an error that says what is wrong: a number out of its range, more classes a batch than there are, a class
// without an image.
func (p *PairBatches) Validate() error {
	switch {
	case p.Dataset == nil:
		return fmt.Errorf("data: pair batches need a data set")
	case p.Dataset.Format().Features > 0 && (p.Size != 0 || p.Channels > 1 || p.Invert == InvertOn || p.Fit != "" || p.Augment != Augment{}):
		return fmt.Errorf("data: %s has features, not pictures: leave Size, Channels, Invert, Fit and Augment empty", p.Dataset.Name())
	case p.Classes < 1 || p.PerClass < 1 || p.Size < 1 && p.Dataset.Format().Features == 0:
		return fmt.Errorf("data: pair batches need at least 1 class, 1 image per class and 1 pixel per side, got %d, %d and %d",
			p.Classes, p.PerClass, p.Size)
	case p.Channels != 0 && p.Channels != 1 && p.Channels != 3:
		return fmt.Errorf("data: pair batches have 1 channel (gray), 3 (colour) or as the set has them (0), not %d", p.Channels)
	case !p.Random && !severalLabels(p.Dataset) && p.Classes > len(p.Dataset.Classes()):
		return fmt.Errorf("data: %s has %d classes, too few for batches of %d: ask for fewer classes a batch",
			p.Dataset.Name(), len(p.Dataset.Classes()), p.Classes)
	case p.Size > 1<<12 || p.PerClass > maxBatch/p.Classes/p.numbers():
		return fmt.Errorf("data: a batch of %d × %d images of %d × %d pixels is too large: ask for fewer, or smaller ones",
			p.Classes, p.PerClass, p.Size, p.Size)
	case p.Random && p.Classes*p.PerClass > p.Dataset.Len():
		return fmt.Errorf("data: %s has %d images, too few for random batches of %d: ask for fewer",
			p.Dataset.Name(), p.Dataset.Len(), p.Classes*p.PerClass)
	case p.Start < 0 || p.Steps < 0 || p.Workers < 0 || p.Memory < 0:
		return fmt.Errorf("data: pair batches: Start, Steps, Workers and Memory must not be negative, got %d, %d, %d and %d",
			p.Start, p.Steps, p.Workers, p.Memory)
	case p.Since < 0 || p.Since > p.Start:
		return fmt.Errorf("data: pair batches: Since must be from 0 to Start, %d, got %d", p.Start, p.Since)
	case !normal(p.Mean, p.Std):
		return fmt.Errorf("data: pair batches need a finite Mean and a finite Std of at least 0, got %g and %g", p.Mean, p.Std)
	}
	if err := firstOf(p.Augment.Validate(), p.Fit.Validate(), p.Resampling.Validate(), p.Invert.Validate()); err != nil {
		return err
	}
	for i := range p.Dataset.Len() {
		if label := p.Dataset.Label(i); label < 0 || label >= len(p.Dataset.Classes()) {
			return fmt.Errorf("data: %s, image %d: there is no class %d among %d", p.Dataset.Name(), i, label, len(p.Dataset.Classes()))
		}
	}
	if err := firstOf(p.validateSuperClasses(), p.validateNear(), p.validateLabels(), p.validateWays()); err != nil {
		return err
	}
	for class, images := range imagesByClass(p.Dataset) {
		if len(images) == 0 {
			return fmt.Errorf("data: class %q of %s has no image: leave it out by Subset", p.Dataset.Classes()[class], p.Dataset.Name())
		}
	}
	return nil
}

// Short returns the classes with fewer than PerClass images, in the order of the set's Classes; nil where each has enough. Their images
// come more than once in a batch. Those of a set whose images have several labels do not.
func (p *PairBatches) Short() []string {
	if severalLabels(p.Dataset) {
		return nil
	}
	var short []string
	for class, images := range imagesByClass(p.Dataset) {
		if len(images) < p.PerClass {
			short = append(short, p.Dataset.Classes()[class])
		}
	}
	return short
}

// Name implements [train.Dataset].
func (p *PairBatches) Name() string {
	return fmt.Sprintf("%s in batches of %d × %d", p.Dataset.Name(), p.Classes, p.PerClass)
}

// shape returns the shape of one example: [Size, Size, channels], or [Features].
func (p *PairBatches) shape() []int {
	format := p.Dataset.Format()
	if format.Features > 0 {
		return []int{format.Features}
	}
	if p.Channels != 0 {
		format.Channels = p.Channels
	}
	return []int{p.Size, p.Size, format.Channels}
}

// numbers counts the numbers of an example.
func (p *PairBatches) numbers() int {
	n := 1
	for _, d := range p.shape() {
		n *= d
	}
	return n
}

// validateSuperClasses returns an error if batches cannot be drawn by super-classes.
func (p *PairBatches) validateSuperClasses() error {
	s := p.SuperClasses
	switch {
	case s == 0:
		return nil
	case s < 0 || p.Random || p.Classes%s != 0:
		return fmt.Errorf("data: batches of %d super-classes need as many classes of each, not random images; got %d classes, Random %v",
			s, p.Classes, p.Random)
	}
	if k := newSuperClasses(p.Dataset.Classes(), s, p.Classes/s); len(k.classes) < s {
		return fmt.Errorf("data: %s has %d super-classes with at least %d classes, too few for batches of %d; a super-class is what stands before the last slash of a class's name",
			p.Dataset.Name(), len(k.classes), p.Classes/s, s)
	}
	return nil
}
