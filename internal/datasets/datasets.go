// Package datasets finds data sets by the words for them, such as omniglot or folder:photos, and divides them into parts.
package datasets

import (
	"context"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/suggest"
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

// All lists the sets that have a name of their own.
func All() []Set {
	all := named()
	for _, p := range data.Catalogue() {
		all = append(all, Set{
			Name: p.Name, About: p.About, Split: p.Split, Published: p,
			parts: func(ctx context.Context, o data.Options) (data.Parts, error) { return data.Open(ctx, p.Name, o) },
		})
	}
	return all
}

// Word is a word for data, as flags take it, with what it is for.
type Word struct{ Name, About string }

// Words lists what [Find] finds: the sets, and the kinds of places of the user's.
func Words() []Word {
	var words []Word
	for _, s := range All() {
		words = append(words, Word{s.Name, s.About})
	}
	for _, k := range kinds() {
		words = append(words, Word{k.prefix + "PLACE", k.about})
	}
	return words
}

// Help describes all words in a line, for a flag.
func Help() string {
	splits := make(map[string]string)
	for _, s := range All() {
		splits[s.Name] = s.Split
	}
	var about []string
	for _, w := range Words() {
		if split := splits[w.Name]; split != "" {
			w.About += "; " + split
		}
		about = append(about, w.Name+" ("+w.About+")")
	}
	return strings.Join(about, "; ")
}

// Find returns the set of a word. For an unknown one, or a place that is not there, the error says so, with the nearest known.
func Find(name string) (Set, error) {
	for _, k := range kinds() {
		if place, ok := strings.CutPrefix(name, k.prefix); ok {
			return k.find(place)
		}
	}
	var known []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
	}
	for _, w := range Words() {
		known = append(known, w.Name)
	}
	if name == "" {
		return Set{}, usage.Errorf("which data? --data takes %s", strings.Join(known, ", "))
	}
	if meant, ok := placed(name); ok {
		return Set{}, usage.Errorf("unknown data set %q: did you mean %s?", name, escape.Shell(meant))
	}
	return Set{}, usage.Errorf("unknown data set %q: %s", name, suggest.For(name, known))
}

// HasRuns reports whether a set has official one-shot runs.
func (s Set) HasRuns() bool { return s.runs != nil }

// Runs reads the official one-shot runs of a set that has some.
func (s Set) Runs(ctx context.Context, o data.Options) ([]data.OneShotRun, error) {
	return s.runs(ctx, o)
}
