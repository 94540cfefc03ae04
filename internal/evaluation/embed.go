package evaluation

import (
	"context"
	"fmt"
	"slices"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// embedded holds what a network made of a part of a set.
type embedded struct {
	images      data.Dataset // the queries; nil where retrieval is within each one-shot run
	set         eval.Set
	gallery     *eval.Set  // nil: the queries are searched among themselves
	shared      [2][][]int // labels of queries and of what they are searched in, where each has several, or nil
	cameras     [2][]int   // of queries and of what they are searched in, or nil
	within      []eval.Set // the one-shot runs, where images is nil; metrics are the mean over them
	retrievalOn string
	pairs       []data.Pair // official verification pairs of set
	episodes    []eval.Episode
	oneShotOn   string
	warning     string
}

// embed embeds what a data set has to measure with.
func embed(ctx context.Context, network Network, set datasets.Set, o Options) (embedded, error) {
	chosen, err := set.Part(ctx, o.Part, o.Learnt, o.Data)
	if err != nil {
		return embedded{}, err
	}
	queries := chosen.Queries
	o.tellWhole(set, chosen)
	e := embedded{warning: chosen.Warning(o.Learnt)}
	if set.HasRuns() && o.Part == "" {
		runs, err := set.Runs(ctx, o.Data)
		if err != nil {
			return embedded{}, err
		}
		if e.episodes, err = network.Episodes(runs); err != nil {
			return embedded{}, err
		}
		e.oneShotOn = fmt.Sprintf("the %d official runs", len(runs))
		if queries == nil {
			e.withinRuns()
			return e, nil
		}
	}
	e.pairs = chosen.Pairs
	if err := e.search(ctx, network, chosen); err != nil || e.shared[0] != nil {
		return e, err
	}
	err = e.drawEpisodes()
	return e, err
}

// tellWhole says where a set is measured whole by what has not learnt, of which a training holds a part out.
func (o Options) tellWhole(set datasets.Set, chosen datasets.Part) {
	if o.Part != "" || chosen.Name != "all" || len(o.Learnt) > 0 || o.Data.Progress == nil {
		return
	}
	if _, err := data.HoldOutFifth(chosen.Queries); err == nil {
		o.Data.Progress(fmt.Sprintf("all of %s is measured: to compare with a training, which holds a fifth of the classes out, give --part test", set.Name))
	}
}

// Retrieve embeds what a part has, or each of some one-shot runs, and measures retrieval alone: one for the part, or one for each run.
func Retrieve(ctx context.Context, network Network, part datasets.Part, runs []data.OneShotRun, o Options) ([]eval.Retrieval, error) {
	var e embedded
	if part.Queries != nil {
		if err := e.search(ctx, network, part); err != nil {
			return nil, err
		}
		found, err := e.retrieval(o)
		return []eval.Retrieval{found}, err
	}
	var err error
	if e.episodes, err = network.Episodes(runs); err != nil {
		return nil, err
	}
	e.withinRuns()
	all := make([]eval.Retrieval, len(e.within))
	for i, set := range e.within {
		if all[i], err = eval.Retrieve(set, eval.Options{RecallAt: o.RecallAt}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// search embeds the queries of a part and what they are searched in.
func (e *embedded) search(ctx context.Context, network Network, part datasets.Part) (err error) {
	queries, gallery := part.Queries, part.Gallery
	e.images, e.retrievalOn = queries, queries.Name()
	if e.set, err = network.EmbedSet(datasets.Until(ctx, queries)); err != nil {
		return err
	}
	searched := queries
	if gallery != nil {
		found, err := network.EmbedSet(datasets.Until(ctx, gallery))
		if err != nil {
			return err
		}
		e.gallery, searched = &found, gallery
		e.set.Labels, e.gallery.Labels = sameLabels(queries, gallery)
		e.retrievalOn += " in " + gallery.Name()
	}
	if e.shared = sharedLabels(queries, searched); e.shared[0] != nil {
		e.retrievalOn += ", where what shares a label is to be found"
		if _, ok := data.Cameras(queries); ok {
			return fmt.Errorf("eval: %s has several labels per image and cameras, and what a query's own camera took is left out by "+
				"class: leave the column camera out", queries.Name())
		}
		return nil
	}
	ours, ok := data.Cameras(queries)
	theirs, also := data.Cameras(searched)
	if ok && also {
		if all := slices.Concat(ours, theirs); slices.Min(all) == slices.Max(all) {
			return fmt.Errorf("eval: all images of %s are of camera %d, and what a query's own camera took of its class is "+
				"not to be found: leave the column camera out",
				e.retrievalOn, all[0])
		}
		e.cameras = [2][]int{ours, theirs}
		e.retrievalOn += ", without what the query's camera took of its class"
	}
	return nil
}

// sharedLabels returns the labels of images that have several each, numbered together by name; nil where they do not.
func sharedLabels(queries, searched data.Dataset) (both [2][][]int) {
	numbers := map[string]int{}
	for i, ds := range []data.Dataset{queries, searched} {
		names, of, ok := data.Labels(ds)
		if !ok {
			return [2][][]int{}
		}
		for _, labels := range of {
			together := make([]int, len(labels))
			for k, label := range labels {
				if _, known := numbers[names[label]]; !known {
					numbers[names[label]] = len(numbers)
				}
				together[k] = numbers[names[label]]
			}
			both[i] = append(both[i], together)
		}
	}
	return both
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
func (e *embedded) withinRuns() {
	for _, episode := range e.episodes {
		e.within = append(e.within, eval.Set{
			Dim:        episode.Support.Dim,
			Embeddings: append(append([]float32{}, episode.Support.Embeddings...), episode.Queries.Embeddings...),
			Labels:     append(append([]int32{}, episode.Support.Labels...), episode.Queries.Labels...),
		})
	}
	e.retrievalOn = "the 40 images of each official run"
}

// drawEpisodes draws one-shot episodes where there are no official ones, of 20 classes or as many as have two images.
func (e *embedded) drawEpisodes() error {
	if e.episodes != nil || e.gallery != nil || e.cameras[0] != nil {
		return nil
	}
	const count, seed = 100, 1
	images := make(map[int32]int)
	ways := 0
	for _, label := range e.set.Labels {
		if images[label]++; images[label] == 2 {
			ways++
		}
	}
	if ways = min(ways, 20); ways < 2 {
		return nil
	}
	var err error
	e.episodes, err = eval.SampleEpisodes(e.set, ways, count, seed)
	e.oneShotOn = fmt.Sprintf("%d drawn runs of %d classes", count, ways)
	return err
}
