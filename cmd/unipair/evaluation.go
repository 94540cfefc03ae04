package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/usage"
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
func evaluate(ctx context.Context, e embedder, set dataset, part string, learnt map[string]bool, o data.Options) (evaluation, error) {
	queries, gallery, pairs, err := toMeasure(ctx, set, part, learnt, o)
	if err != nil {
		return evaluation{}, err
	}
	ev := evaluation{warning: known(learnt, queries, gallery)}
	if set.runs != nil && part == "" {
		runs, err := set.runs(ctx, o)
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
	ev.images, ev.galleryOf, ev.pairs, ev.retrievalOn = queries, gallery, pairs, queries.Name()
	if ev.set, err = e.EmbedSet(stoppable{queries, ctx}); err != nil {
		return evaluation{}, err
	}
	searched := queries
	if gallery != nil {
		embedded, err := e.EmbedSet(stoppable{gallery, ctx})
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

// known warns of classes of a set, of queries and gallery or nil, that the network has learnt from.
func known(learnt map[string]bool, queries, gallery data.Dataset) string {
	if queries == nil {
		return ""
	}
	classes := queries.Classes()
	if gallery != nil {
		classes = append(slices.Clone(classes), gallery.Classes()...)
		slices.Sort(classes)
		classes = slices.Compact(classes)
	}
	var both []string
	for _, class := range classes {
		if learnt[class] {
			both = append(both, class)
		}
	}
	if len(both) == 0 {
		return ""
	}
	return fmt.Sprintf("warning: %d of the %d classes of %s, such as %s, were trained on: this does not measure what the network makes of new classes",
		len(both), len(classes), queries.Name(), both[0])
}

// toMeasure chooses the images: the part asked for, or the test part. Of a place of the user's that has no split, and in which nothing
// was learnt from, it is all. There are no queries only where official one-shot runs are all there is.
func toMeasure(ctx context.Context, set dataset, part string, learnt map[string]bool, o data.Options) (queries, gallery data.Dataset, pairs []data.Pair, err error) {
	if part == "all" {
		if set.whole == nil {
			return nil, nil, nil, usage.Errorf("--part all is not for %s, but for glyphs and for data of one's own: give --part training, validation or test", set.name)
		}
		queries, err = set.whole(ctx, o)
		return queries, nil, nil, err
	}
	o.Undivided = true
	parts, err := set.parts(ctx, o)
	if err == nil && parts.Undivided != nil {
		if part == "" && known(learnt, parts.Undivided, nil) == "" {
			return parts.Undivided, nil, nil, nil
		}
		parts, err = divide(parts.Undivided, o)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	switch part {
	case "", "test":
		queries, gallery, pairs = parts.Test, parts.Gallery, parts.Pairs
	case "validation":
		queries = parts.Validation
	case "training":
		queries = parts.Train
	}
	if queries == nil && (part != "" || set.runs == nil) {
		return nil, nil, nil, usage.Errorf("%s has no %s part: %s", set.name, cmp.Or(part, "test"), otherParts(parts, set.runs != nil))
	}
	return queries, gallery, pairs, nil
}

// otherParts says what else can be measured.
func otherParts(parts data.Parts, runs bool) string {
	var others []string
	for _, p := range []struct {
		name string
		set  data.Dataset
	}{{"test", parts.Test}, {"validation", parts.Validation}, {"training", parts.Train}} {
		if p.set != nil {
			others = append(others, "--part "+p.name)
		}
	}
	text := "give " + strings.Join(others, " or ")
	if runs {
		text += ", or no part for the official runs"
	}
	return text
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
