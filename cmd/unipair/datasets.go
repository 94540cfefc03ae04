package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/unipair/unipair/internal/nearest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// dataset is something to train on and to evaluate with, whose classes for the one are not among those for the other.
type dataset struct {
	name, about string
	training    func(ctx context.Context, o data.Options) (data.Dataset, error)
	evaluation  func(ctx context.Context, o data.Options, e *train.Embedder) (evaluation, error)
}

// evaluation is embeddings to measure.
type evaluation struct {
	retrieval   []eval.Set // metrics are the mean over them
	retrievalOn string
	episodes    []eval.Episode
	oneShotOn   string
}

func datasets() []dataset {
	return []dataset{
		{
			"omniglot", "trains on the 136 characters of background small 1, each in 4 rotations; evaluates the 20 official one-shot runs",
			omniglotTraining, omniglotEvaluation,
		},
		{
			"omniglot-split", "background small 1 alone, to choose settings by: trains on Greek, Latin and Korean, evaluates Balinese and Early Aramaic",
			func(ctx context.Context, o data.Options) (data.Dataset, error) { return omniglotSplit(ctx, o, true) },
			func(ctx context.Context, o data.Options, e *train.Embedder) (evaluation, error) {
				held, err := omniglotSplit(ctx, o, false)
				if err != nil {
					return evaluation{}, err
				}
				return heldOut(e, held)
			},
		},
		{
			"glyphs", "characters rendered from Go's fonts, no download: trains on two of three characters, evaluates the third",
			func(context.Context, data.Options) (data.Dataset, error) { return glyphs(true) },
			func(_ context.Context, _ data.Options, e *train.Embedder) (evaluation, error) {
				held, err := glyphs(false)
				if err != nil {
					return evaluation{}, err
				}
				return heldOut(e, held)
			},
		},
	}
}

// findDataset returns the data set of a name; for an unknown one, a usageError with the nearest known.
func findDataset(name string) (dataset, error) {
	var known []string
	for _, d := range datasets() {
		if d.name == name {
			return d, nil
		}
		known = append(known, d.name)
	}
	if name == "" {
		return dataset{}, usagef("which data? --data takes %s", strings.Join(known, ", "))
	}
	return dataset{}, usagef("unknown data set %q: %s", name, nearest.Suggest(name, known))
}

func omniglotTraining(ctx context.Context, o data.Options) (data.Dataset, error) {
	small, err := data.OmniglotSmall1(ctx, o)
	if err != nil {
		return nil, err
	}
	return data.Rotations(small), nil
}

// omniglotEvaluation takes one-shot classification from the official runs. Retrieval is on the novel characters of background
// small 2 where that archive is there, and else within each run, where each character has two images.
func omniglotEvaluation(ctx context.Context, o data.Options, e *train.Embedder) (evaluation, error) {
	runs, err := data.OneShotRuns(ctx, o)
	if err != nil {
		return evaluation{}, err
	}
	episodes, err := e.Episodes(runs)
	if err != nil {
		return evaluation{}, err
	}
	result := evaluation{episodes: episodes, oneShotOn: "the 20 official runs"}
	here := o
	here.Client, here.Progress = &http.Client{Transport: noNetwork{}}, nil
	if novel, err := data.OmniglotNovel(ctx, here); err == nil {
		set, err := e.EmbedSet(novel)
		result.retrieval, result.retrievalOn = []eval.Set{set}, novel.Name()
		return result, err
	} else if !errors.Is(err, errNoNetwork) {
		return evaluation{}, err
	}
	for _, episode := range episodes {
		result.retrieval = append(result.retrieval, eval.Set{
			Dim:        episode.Support.Dim,
			Embeddings: append(append([]float32{}, episode.Support.Embeddings...), episode.Queries.Embeddings...),
			Labels:     append(append([]int32{}, episode.Support.Labels...), episode.Queries.Labels...),
		})
	}
	result.retrievalOn = "the 40 images of each official run"
	return result, nil
}

// errNoNetwork is what a download fails with that is not to be tried.
var errNoNetwork = errors.New("not downloaded")

// noNetwork refuses every request, so that data is taken only from where it is.
type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }

// omniglotSplit is the part of background small 1 to train on, rotated, or the part to validate with.
func omniglotSplit(ctx context.Context, o data.Options, training bool) (data.Dataset, error) {
	small, err := data.OmniglotSmall1(ctx, o)
	if err != nil {
		return nil, err
	}
	if training {
		return data.Rotations(data.Subset(small, "omniglot split, training", data.Alphabets("Greek", "Latin", "Korean"))), nil
	}
	return data.Subset(small, "omniglot split, validation", data.Alphabets("Balinese", "Early_Aramaic")), nil
}

// glyphs is two of three rendered characters, or the third.
func glyphs(training bool) (data.Dataset, error) {
	all, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		return nil, err
	}
	held := make(map[string]bool)
	for i, class := range all.Classes() {
		held[class] = i%3 == 2
	}
	name := "glyphs, training"
	if !training {
		name = "glyphs, evaluation"
	}
	return data.Subset(all, name, func(class string) bool { return held[class] != training }), nil
}

// heldOut evaluates a set of classes: retrieval among all of it, and one-shot episodes drawn from it.
func heldOut(e *train.Embedder, held data.Dataset) (evaluation, error) {
	const ways, count, seed = 20, 100, 1
	set, err := e.EmbedSet(held)
	if err != nil {
		return evaluation{}, err
	}
	episodes, err := eval.SampleEpisodes(set, ways, count, seed)
	return evaluation{
		retrieval: []eval.Set{set}, retrievalOn: held.Name(),
		episodes: episodes, oneShotOn: fmt.Sprintf("%d drawn runs of %d classes", count, ways),
	}, err
}
