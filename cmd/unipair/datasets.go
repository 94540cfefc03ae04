package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// dataset is something to train on and to evaluate with, whose classes for the one are not among those for the other.
type dataset struct {
	name, about string
	published   data.Publication // what it is of; may be empty
	place       bool             // named with a place of the user's: what is in it is for training, testing or both
	parts       func(ctx context.Context, o data.Options) (data.Parts, error)
	whole       func(ctx context.Context, o data.Options) (data.Dataset, error)      // all its images, whatever the part; may be nil
	runs        func(ctx context.Context, o data.Options) ([]data.OneShotRun, error) // official one-shot runs; may be nil
}

// isWhole tells whether it is a publication of [data.Catalogue] as it is.
func (d dataset) isWhole() bool {
	return d.published.Name != "" && d.published.Name != data.OmniglotMinimal().Name
}

func datasets() []dataset {
	all := []dataset{
		{
			name: "omniglot", about: "trains on the 136 characters of background small 1, each in 4 rotations; evaluates the 20 official one-shot runs",
			parts: omniglot, runs: data.OneShotRuns, published: data.OmniglotMinimal(),
		},
		{
			name: "omniglot-mirrored", about: "as omniglot, and trains on each character mirrored too, in 8 forms",
			parts: omniglotMirrored, runs: data.OneShotRuns, published: data.OmniglotMinimal(),
		},
		{
			name: "omniglot-split", about: "background small 1 alone, to choose settings by: trains on Greek, Latin and Korean, evaluates Balinese and Early Aramaic",
			parts: omniglotSplit, published: data.OmniglotMinimal(),
		},
		{
			name: "glyphs", about: "characters rendered from Go's fonts, no download: trains on two of three characters, evaluates the third",
			parts: glyphs,
			whole: func(context.Context, data.Options) (data.Dataset, error) { return data.Glyphs(data.DefaultGlyphs()) },
		},
	}
	for _, p := range data.Catalogue() {
		all = append(all, dataset{
			name: p.Name, about: p.About + "; " + p.Split, published: p,
			parts: func(ctx context.Context, o data.Options) (data.Parts, error) { return data.Open(ctx, p.Name, o) },
		})
	}
	return all
}

// aboutDatasets describes them all, for help.
func aboutDatasets() string {
	var about []string
	for _, d := range datasets() {
		about = append(about, d.name+" ("+d.about+")")
	}
	for _, k := range kinds() {
		about = append(about, k.prefix+"PLACE ("+k.about+")")
	}
	return strings.Join(about, "; ")
}

// findDataset returns the data set of a name; for an unknown one, an error with the nearest known.
func findDataset(name string) (dataset, error) {
	var known []string
	for _, k := range kinds() {
		if place, ok := strings.CutPrefix(name, k.prefix); ok {
			if place == "" {
				return dataset{}, usage.Errorf("%s needs a place after the colon: %s", k.prefix, k.about)
			}
			paths := []string{place}
			if k.paths != nil {
				paths = k.paths(place)
			}
			for _, path := range paths {
				if _, err := os.Stat(path); err != nil {
					return dataset{}, usage.Errorf("data %s: %w; %sPLACE is %s", name, err, k.prefix, k.about)
				}
			}
			found := k.of(place)
			found.name, found.place = name, true
			return found, nil
		}
	}
	for _, d := range datasets() {
		if d.name == name {
			return d, nil
		}
		known = append(known, d.name)
	}
	for _, k := range kinds() {
		known = append(known, k.prefix+"PLACE")
	}
	if name == "" {
		return dataset{}, usage.Errorf("which data? --data takes %s", strings.Join(known, ", "))
	}
	if meant, ok := placed(name); ok {
		return dataset{}, usage.Errorf("unknown data set %q: did you mean %s?", name, escape.Shell(meant))
	}
	return dataset{}, usage.Errorf("unknown data set %q: %s", name, suggest.For(name, known))
}

// omniglot trains on background small 1. Its test part is the novel characters of background small 2, where that archive is there.
func omniglot(ctx context.Context, o data.Options) (data.Parts, error) {
	small, err := data.OmniglotSmall1(ctx, o)
	if err != nil {
		return data.Parts{}, err
	}
	parts := data.Parts{Train: data.Rotations(small)}
	here := o
	here.Client, here.Progress = &http.Client{Transport: noNetwork{}}, nil
	novel, err := data.OmniglotNovel(ctx, here)
	switch {
	case err == nil:
		parts.Test = novel
	case !errors.Is(err, errNoNetwork):
		return data.Parts{}, err
	}
	return parts, nil
}

// omniglotMirrored is omniglot with twice the classes to train on.
func omniglotMirrored(ctx context.Context, o data.Options) (data.Parts, error) {
	parts, err := omniglot(ctx, o)
	if err == nil {
		parts.Train = data.Mirrored(parts.Train)
	}
	return parts, err
}

// errNoNetwork is what a download fails with that is not to be tried.
var errNoNetwork = errors.New("not downloaded")

// noNetwork refuses every request, so that data is taken only from where it is.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }

// omniglotSplit is background small 1 in a part to train on, rotated, and a part to choose settings by.
func omniglotSplit(ctx context.Context, o data.Options) (data.Parts, error) {
	small, err := data.OmniglotSmall1(ctx, o)
	if err != nil {
		return data.Parts{}, err
	}
	return data.Parts{
		Train: data.Rotations(data.Subset(small, "omniglot split, training", data.Alphabets("Greek", "Latin", "Korean"))),
		Test:  data.Subset(small, "omniglot split, validation", data.Alphabets("Balinese", "Early_Aramaic")),
	}, nil
}

// glyphs is two of three rendered characters, and the third.
func glyphs(context.Context, data.Options) (data.Parts, error) {
	all, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		return data.Parts{}, err
	}
	held := make(map[string]bool)
	for i, class := range all.Classes() {
		held[class] = i%3 == 2
	}
	return data.Parts{
		Train: data.Subset(all, "glyphs, training", func(class string) bool { return !held[class] }),
		Test:  data.Subset(all, "glyphs, evaluation", func(class string) bool { return held[class] }),
	}, nil
}

// stoppable is a data set whose images can no longer be had once a context is done, so that Ctrl-C ends what reads it.
type stoppable struct {
	data.Dataset
	ctx context.Context
}

func (s stoppable) Image(i int) (data.Image, error) {
	if err := s.ctx.Err(); err != nil {
		return data.Image{}, err
	}
	return s.Dataset.Image(i)
}

var _ interface { // what it forwards
	data.SourceSet
	data.CameraSet
	data.OriginSet
} = stoppable{}

func (s stoppable) Source(i int) string             { return data.Source(s.Dataset, i) }
func (s stoppable) Cameras() ([]int, bool)          { return data.Cameras(s.Dataset) }
func (s stoppable) Origins() ([]data.Origin, error) { return data.Origins(s.Dataset) }

// findAugment returns the changes of a name.
func findAugment(name string) (data.Augment, error) {
	switch name {
	case "drawings":
		return data.DefaultAugment(), nil
	case "photos":
		return data.PhotoAugment(), nil
	case "none":
		return data.Augment{}, nil
	}
	return data.Augment{}, fmt.Errorf("unknown way to augment %q: %s", name, suggest.For(name, []string{"drawings", "photos", "none"}))
}
