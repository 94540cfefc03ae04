package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// evaluation is embeddings to measure.
type evaluation struct {
	images      data.Dataset // the queries; nil where retrieval is within each one-shot run
	set         eval.Set
	gallery     *eval.Set // nil: the queries are searched among themselves
	galleryOf   data.Dataset
	cameras     [2][]int   // of queries and of what they are searched in, or nil
	within      []eval.Set // the one-shot runs, where images is nil; metrics are the mean over them
	retrievalOn string
	pairs       []data.Pair // official verification pairs of set
	episodes    []eval.Episode
	oneShotOn   string
	warning     string // what a reader of the numbers must know

	backend compute.Backend // that searches; nil: pure Go
}

// embedder is what evaluates: one network, or several.
type embedder interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
	Episodes(runs []data.OneShotRun) ([]eval.Episode, error)
}

var _ embedder = train.Ensemble{}

// evaluate embeds what a data set has to measure with.
func evaluate(ctx context.Context, e embedder, set datasets.Set, part string, learnt map[string]bool, o data.Options) (evaluation, error) {
	chosen, err := set.Part(ctx, part, learnt, o)
	if err != nil {
		return evaluation{}, err
	}
	queries, gallery := chosen.Queries, chosen.Gallery
	ev := evaluation{warning: chosen.Warning(learnt)}
	if set.HasRuns() && part == "" {
		runs, err := set.Runs(ctx, o)
		if err != nil {
			return evaluation{}, err
		}
		if ev.episodes, err = e.Episodes(runs); err != nil {
			return evaluation{}, err
		}
		ev.oneShotOn = fmt.Sprintf("the %d official runs", len(runs))
		if queries == nil {
			ev.withinRuns()
			return ev, nil
		}
	}
	ev.images, ev.galleryOf, ev.pairs, ev.retrievalOn = queries, gallery, chosen.Pairs, queries.Name()
	if ev.set, err = e.EmbedSet(datasets.Until(ctx, queries)); err != nil {
		return evaluation{}, err
	}
	searched := queries
	if gallery != nil {
		embedded, err := e.EmbedSet(datasets.Until(ctx, gallery))
		if err != nil {
			return evaluation{}, err
		}
		ev.gallery, searched = &embedded, gallery
		ev.set.Labels, ev.gallery.Labels = sameLabels(queries, gallery)
		ev.retrievalOn += " in " + gallery.Name()
	}
	ours, ok := data.Cameras(queries)
	theirs, also := data.Cameras(searched)
	if ok && also {
		if all := slices.Concat(ours, theirs); slices.Min(all) == slices.Max(all) {
			return evaluation{}, fmt.Errorf("eval: all images of %s are of camera %d, and what a query's own camera took of its class is not to be found: leave the column camera out",
				ev.retrievalOn, all[0])
		}
		ev.cameras = [2][]int{ours, theirs}
		ev.retrievalOn += ", without what the query's camera took of its class"
	}
	return ev, ev.drawEpisodes()
}

// sameLabels numbers the classes of two sets together, by name.
func sameLabels(a, b data.Dataset) (ofA, ofB []int32) {
	numbers := make(map[string]int32)
	label := func(ds data.Dataset) []int32 {
		labels := make([]int32, ds.Len())
		for i := range labels {
			class := ds.Classes()[ds.Label(i)]
			if _, known := numbers[class]; !known {
				numbers[class] = int32(len(numbers))
			}
			labels[i] = numbers[class]
		}
		return labels
	}
	return label(a), label(b)
}

// withinRuns measures retrieval within each one-shot run, where each character has two images.
func (ev *evaluation) withinRuns() {
	for _, episode := range ev.episodes {
		ev.within = append(ev.within, eval.Set{
			Dim:        episode.Support.Dim,
			Embeddings: append(append([]float32{}, episode.Support.Embeddings...), episode.Queries.Embeddings...),
			Labels:     append(append([]int32{}, episode.Support.Labels...), episode.Queries.Labels...),
		})
	}
	ev.retrievalOn = "the 40 images of each official run"
}

// drawEpisodes draws one-shot episodes where there are no official ones, of 20 classes or as many as have two images.
func (ev *evaluation) drawEpisodes() error {
	if ev.episodes != nil || ev.gallery != nil || ev.cameras[0] != nil {
		return nil
	}
	const count, seed = 100, 1
	images := make(map[int32]int)
	ways := 0
	for _, label := range ev.set.Labels {
		if images[label]++; images[label] == 2 {
			ways++
		}
	}
	if ways = min(ways, 20); ways < 2 {
		return nil
	}
	var err error
	ev.episodes, err = eval.SampleEpisodes(ev.set, ways, count, seed)
	ev.oneShotOn = fmt.Sprintf("%d drawn runs of %d classes", count, ways)
	return err
}
