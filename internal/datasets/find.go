package datasets

import (
	"context"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

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

// Help describes what a flag takes.
func Help() string {
	var places []string
	for _, k := range kinds() {
		places = append(places, k.prefix+"PLACE ("+k.about+")")
	}
	return strings.Join(places, "; ") + "; or a name that unipair data lists, such as glyphs, which needs no download"
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
		return Set{}, usage.Errorf("which data? --data takes folder:PLACE, your pictures in a folder per class; csv:PLACE; npy:PLACE; " +
			"or a name that `unipair data` lists, such as glyphs")
	}
	if meant, ok := placed(name); ok {
		return Set{}, usage.Errorf("unknown data set %q: did you mean %s?", name, escape.Shell(meant))
	}
	if near, ok := suggest.Near(name, known); ok {
		return Set{}, usage.Errorf("unknown data set %q: did you mean %s?", name, near)
	}
	return Set{}, usage.Errorf("unknown data set %q: `unipair data` lists the names; your own pictures are folder:PLACE", name)
}
