// Package datasets finds data sets by the words for them, such as omniglot or folder:photos, and divides them into parts.
package datasets

import (
	"context"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// Set is something to train on and to evaluate with, whose classes for the one are not among those for the other.
type Set struct {
	Name, About string
	Split       string           // how a publication divides it; empty where About says it
	Published   data.Publication // what it is of; empty for what is not published
	Place       bool             // named with a place of the user's: what is in it is for training, testing or both

	parts func(ctx context.Context, o data.Options) (data.Parts, error)
	whole func(ctx context.Context, o data.Options) (data.Dataset, error)      // all its images, whatever the part; may be nil
	runs  func(ctx context.Context, o data.Options) ([]data.OneShotRun, error) // official one-shot runs; may be nil
}

// HasRuns reports whether a set has official one-shot runs.
func (s Set) HasRuns() bool { return s.runs != nil }

// HasWhole reports whether a set can be read undivided: [Set.Whole].
func (s Set) HasWhole() bool { return s.whole != nil }

// Whole reads all images of a set, whatever part they are in, to learn from all of them. It is an error of package usage for a published set.
func (s Set) Whole(ctx context.Context, o data.Options) (data.Parts, error) {
	if s.whole == nil {
		return data.Parts{}, usage.Errorf("train: --all-classes is for data of one's own and for glyphs, not for %s, whose test part is for "+
			"everybody's measurements: leave it out", s.Name)
	}
	all, err := s.whole(ctx, o)
	return data.Parts{Train: all}, err
}

// Runs reads the official one-shot runs of a set that has some.
func (s Set) Runs(ctx context.Context, o data.Options) ([]data.OneShotRun, error) {
	return s.runs(ctx, o)
}
