package compare

import (
	"context"
	"fmt"
	"slices"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// Parts holds what a comparison learns from, chooses by, and asks at the end: no class is in two of them.
type Parts struct {
	Train, Validation data.Dataset
	Test              datasets.Part     // nothing where Runs are
	Runs              []data.OneShotRun // official one-shot runs, within each of which images are searched
}

// validationShare is the fraction of the classes to learn from that is held out where the data have no validation part. It is a fifth of
// all, if a fifth is for the test.
const validationShare = 0.25

// splitSeed draws which classes are held out.
const splitSeed = 1

// Divide reads the parts of a set. A test part that is not there is a fifth of the classes, and a validation part a quarter of what is then
// left. Official one-shot runs are the test where a set has them.
func Divide(ctx context.Context, set datasets.Set, o data.Options) (Parts, error) {
	parts, err := set.Divided(ctx, o)
	if err != nil {
		return Parts{}, err
	}
	p := Parts{Train: parts.Train, Validation: parts.Validation, Test: datasets.Part{Queries: parts.Test, Gallery: parts.Gallery}}
	if set.HasRuns() {
		p.Test = datasets.Part{}
		if p.Runs, err = set.Runs(ctx, o); err != nil {
			return Parts{}, err
		}
	}
	const three = "three parts, to learn from, to choose by and to ask at the end, need 2 classes each of more than one image, and a division " +
		"of its own 10: give more classes, or a split of your own (docs/data.md)"
	switch {
	case p.Train == nil:
		return Parts{}, usage.Errorf("compare: %s has nothing to learn from: it is for measuring", set.Name)
	case slices.ContainsFunc([]data.Dataset{p.Train, p.Validation, p.Test.Queries, p.Test.Gallery}, severalLabels):
		return Parts{}, usage.Errorf("compare: the images of %s have several labels each, and no division keeps labels apart: give the table one "+
			"label per image", set.Name)
	case p.Test.Queries == nil && p.Runs == nil:
		return Parts{}, usage.Errorf("compare: %s has no test part: %s", set.Name, three)
	}
	if p.Validation == nil {
		p.Train, p.Validation, err = data.HoldOut(p.Train, validationShare, splitSeed)
		if err != nil {
			return Parts{}, usage.Errorf("compare: %w: %s", err, three)
		}
	}
	if err := p.check(); err != nil {
		return Parts{}, err
	}
	for _, part := range []*data.Dataset{&p.Train, &p.Validation, &p.Test.Queries, &p.Test.Gallery} {
		if *part != nil && (*part).Format().Features == 0 {
			*part = data.Kept(*part, keptBytes)
		}
	}
	return p, nil
}

// keptBytes bounds how much of each part is kept decoded, for all trainings.
const keptBytes = 1 << 30

func severalLabels(set data.Dataset) bool {
	_, _, several := data.Labels(set)
	return several
}

// check refuses parts that have a class in common, or too few classes in which anything can be found.
func (p Parts) check() error {
	parts := data.Parts{Train: p.Train, Validation: p.Validation, Test: p.Test.Queries, Gallery: p.Test.Gallery}
	if err := parts.Disjoint(); err != nil {
		return usage.Errorf("compare: %w", err)
	}
	if g := p.Test.Gallery; g != nil { // which Disjoint leaves to be with the test part
		if err := (data.Parts{Train: g, Test: p.Validation}).Disjoint(); err != nil {
			return usage.Errorf("compare: %w", err)
		}
	}
	for _, part := range []struct {
		name          string
		set, searched data.Dataset
		across        bool // cameras, which only the test goes by
	}{{"training", p.Train, nil, false}, {"validation", p.Validation, nil, false}, {"test", p.Test.Queries, p.Test.Gallery, true}} {
		if part.set == nil {
			continue
		}
		if n := findable(part.set, part.searched, part.across); n < 2 {
			return usage.Errorf("compare: the %s part, %s, has %d classes in which an image finds another of its own, and needs 2: give it more "+
				"classes of more than one image", part.name, part.set.Name(), n)
		}
	}
	return nil
}

// findable counts the classes of a set an image of which finds another: in the set itself, or in a gallery. Across cameras it is to be one
// that another camera took, where these are known.
func findable(set, gallery data.Dataset, across bool) int {
	searched := gallery
	if gallery == nil {
		searched = set
	}
	ours, ok := data.Cameras(set)
	theirs, also := data.Cameras(searched)
	across = across && ok && also
	type group struct {
		class  string
		camera int
	}
	images, taken := make(map[string]int), make(map[group]int)
	for i := range searched.Len() {
		class := searched.Classes()[searched.Label(i)]
		images[class]++
		if across {
			taken[group{class, theirs[i]}]++
		}
	}
	found := make(map[string]bool)
	for i := range set.Len() {
		class := set.Classes()[set.Label(i)]
		left := images[class]
		switch {
		case across:
			left -= taken[group{class, ours[i]}]
		case gallery == nil:
			left-- // itself
		}
		if left > 0 {
			found[class] = true
		}
	}
	return len(found)
}

// fits refuses losses and settings that the parts cannot be trained with.
func (p Parts) fits(s Settings) error {
	c := s.Config
	if _, err := c.Network.For(p.Train.Format()); err != nil && !c.IsBackbone() {
		return usage.Errorf("compare: %w (--architecture)", err)
	}
	if there := len(p.Train.Classes()); c.Classes > there {
		return usage.Errorf("compare: --classes must be at most %d, the classes that are left to learn from in %s, got %d", there, p.Train.Name(),
			c.Classes)
	}
	images := make([]int, len(p.Train.Classes()))
	for i := range p.Train.Len() {
		images[p.Train.Label(i)]++
	}
	slices.Sort(images)
	if middle := images[len(images)/2]; middle < c.PerClass && c.Sampling == train.SampleClasses && !c.ViewPairs {
		short := (&data.PairBatches{Dataset: p.Train, PerClass: c.PerClass}).Short()
		return usage.Errorf("compare: most classes of %s have %d images or fewer (%s), and a batch takes %d of each: give --per-class %d",
			p.Train.Name(), middle, suggest.Some(short), c.PerClass, max(2, middle))
	}
	for _, name := range s.Losses {
		entry, err := losses.Find(name)
		if err != nil {
			return usage.Error(err)
		}
		if entry.Labels == losses.ClassLabels && len(images) < leastClasses {
			return usage.Errorf("compare: %s learns a vector of each class, and %s has %d classes to learn from: it needs %d, or leave the loss out",
				name, p.Train.Name(), len(images), leastClasses)
		}
	}
	return nil
}

// leastClasses counts the classes that a class-level loss needs: with fewer, telling them apart says nothing of others.
const leastClasses = 4

// String says what the parts are.
func (p Parts) String() string {
	asked := fmt.Sprintf("%d official one-shot runs", len(p.Runs))
	if q := p.Test.Queries; q != nil {
		asked = fmt.Sprintf("%d classes (%d images)", len(q.Classes()), q.Len())
	}
	return fmt.Sprintf("learnt from: %d classes (%d images); chosen by: %d others (%d); asked at the end: %s", len(p.Train.Classes()),
		p.Train.Len(), len(p.Validation.Classes()), p.Validation.Len(), asked)
}
