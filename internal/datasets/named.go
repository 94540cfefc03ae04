package datasets

import (
	"context"
	"errors"
	"net/http"

	"github.com/unipair/unipair/pkg/data"
)

// named lists the sets that are made of publications in a way of our own, or rendered.
func named() []Set {
	return []Set{
		{
			Name:  "omniglot",
			About: "trains on the 136 characters of background small 1, each in 4 rotations; evaluates the 20 official one-shot runs",
			parts: omniglot, runs: data.OneShotRuns, Published: data.OmniglotMinimal(),
		},
		{
			Name: "omniglot-mirrored", About: "as omniglot, and trains on each character mirrored too, in 8 forms",
			parts: omniglotMirrored, runs: data.OneShotRuns, Published: data.OmniglotMinimal(),
		},
		{
			Name: "omniglot-split",
			About: "background small 1 alone, to choose settings by: trains on Greek, Latin and Korean, " +
				"evaluates Balinese and Early Aramaic",
			parts: omniglotSplit, Published: data.OmniglotMinimal(),
		},
		{
			Name:  "glyphs",
			About: "characters rendered from Go's fonts, no download: trains on two of three characters, evaluates the third",
			parts: glyphs,
			whole: func(context.Context, data.Options) (data.Dataset, error) { return data.Glyphs(data.DefaultGlyphs()) },
		},
	}
}

// omniglot returns background small 1 to train on. Its test part is the novel characters of background small 2, where that archive is there.
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

// omniglotMirrored returns omniglot with twice the classes to train on.
func omniglotMirrored(ctx context.Context, o data.Options) (data.Parts, error) {
	parts, err := omniglot(ctx, o)
	if err == nil {
		parts.Train = data.Mirrored(parts.Train)
	}
	return parts, err
}

// errNoNetwork is the error of a download that is not to be tried.
var errNoNetwork = errors.New("not downloaded")

// noNetwork refuses every request, so that data is taken only from where it is.
type noNetwork struct{}

// RoundTrip implements [http.RoundTripper].
func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }

// omniglotSplit returns background small 1 in a part to train on, rotated, and a part to choose settings by.
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

// glyphs returns two of three rendered characters, and the third.
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
