package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/baseline"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// found holds what a query gave.
type found struct {
	Query     string         `json:"query"`
	Verdict   *index.Verdict `json:"verdict,omitempty"`   // with --classify
	Threshold *float64       `json:"threshold,omitempty"` // that it was found by
	Hits      []index.Hit    `json:"neighbours"`
}

// runSearch finds the images of an index that are most like others: `unipair search --index DIR --query IMAGE [--top 10] [--json]`. With
// `--classify --thresholds FILE` it says of which class each is.
func runSearch(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	dir := flags.String("index", "", "`directory` that unipair export --out wrote")
	var queries places
	flags.Var(&queries, "query", "`image` file to look for; may be given several times")
	top := flags.Int("top", 10, "neighbours of each query")
	perClass := flags.Bool("per-class", false, "of each class show only the picture that is nearest: products, say, and not pictures of them")
	var classify classifyWords
	flags.BoolVar(&classify.asked, "classify", false, "name the class of each query by its --top neighbours, or say that it is unknown")
	flags.StringVar(&classify.eval, "thresholds", "",
		"`file` that `unipair eval --json` printed of the same networks: with --classify, neighbours below its threshold do not count")
	flags.Float64Var(&classify.rate, "false-accepts", 0.01,
		"the share of pairs of two classes that the threshold of --thresholds takes for one")
	asJSON := flags.Bool("json", false, "write JSON, for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if err := usage.Join(
		unless(*dir != "", usage.Errorf("search where? --index takes the %s", index.About)),
		unless(len(queries) > 0, usage.Errorf("search what? --query takes an image file")),
		classify.wrong(),
		unless(!*perClass || !classify.asked, usage.Errorf("search: --classify counts all neighbours, and --per-class leaves some out: leave one of them out")),
		unless(*top >= 1, usage.Errorf("search: --top must be at least 1, got %d", *top)),
	); err != nil {
		return err
	}
	x, wrongIndex := index.Open(*dir)
	images, wrongImages := readQueries(queries)
	if err := usage.Join(wrongIndex, wrongImages); err != nil {
		return err
	}
	if classify.asked {
		if err := x.CanClassify(); err != nil {
			return err
		}
	}
	by, threshold, err := openAsker(ctx, x, classify, std)
	if err != nil {
		return err
	}
	hits, err := x.Search(by, images, *top, *perClass)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	all := make([]found, len(queries))
	for i, query := range queries {
		all[i] = found{Query: query, Hits: hits[i]}
		if classify.asked {
			verdict := index.Classify(hits[i], threshold)
			all[i].Verdict, all[i].Threshold = &verdict, &threshold
		}
	}
	if *asJSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(all)
	}
	return printHits(std, all)
}

// openAsker opens what embedded the images of an index, and returns the threshold of words for it.
func openAsker(ctx context.Context, x *index.Index, words classifyWords, std stdio) (index.Asker, float64, error) {
	if x.Untrained() {
		network, err := x.AsItIs()
		if err == nil && words.asked {
			err = usage.Errorf("search: --classify goes by the threshold of trained networks, and the index is of what has not learnt: leave it out")
		}
		if err != nil {
			return nil, 0, err
		}
		device, err := openBackend(std)
		if err != nil {
			return nil, 0, err
		}
		by, err := baseline.Reopen(ctx, device, network, x.Views, std.err)
		return by, 0, err
	}
	networks, err := x.ByPictures()
	if err != nil {
		return nil, 0, err
	}
	threshold, err := words.threshold(networks)
	if err != nil {
		return nil, 0, err
	}
	device, err := openBackend(std)
	if err != nil {
		return nil, 0, err
	}
	networks.To = std.err
	members, err := networks.Load(device)
	return members, threshold, err
}

// classifyWords are the flags of `unipair search --classify`.
type classifyWords struct {
	asked bool
	eval  string
	rate  float64
}

// wrong returns an error for words that do not fit.
func (w classifyWords) wrong() error {
	return usage.Join(
		unless(w.asked || w.eval == "", usage.Errorf("search: --thresholds is for --classify, which is not given")),
		unless(!w.asked || w.eval != "",
			usage.Errorf("search: --classify needs --thresholds: what `unipair eval --json` printed of the networks")),
		unless(w.rate > 0 && w.rate < 1, usage.Errorf("search: --false-accepts must be in (0, 1), got %g", w.rate)),
	)
}

// threshold returns the similarity from which on neighbours count.
func (w classifyWords) threshold(networks ensemble.Checkpoints) (float64, error) {
	if !w.asked {
		return 0, nil
	}
	sums, err := networks.Sums()
	if err != nil {
		return 0, err
	}
	return evaluation.Threshold(w.eval, w.rate, sums, networks.Views)
}

// readQueries reads the images, or says which cannot be read.
func readQueries(names places) (images []data.Image, err error) {
	var wrong []error
	for _, name := range names {
		image, err := data.ReadImage(name)
		if errors.Is(err, fs.ErrNotExist) {
			if near, ok := suggest.Beside(name, false); ok {
				err = fmt.Errorf("%w: did you mean %s?", err, escape.Shell(near))
			}
		}
		images, wrong = append(images, image), append(wrong, err)
	}
	return images, usage.Join(wrong...)
}

func printHits(std stdio, all []found) error {
	for _, f := range all {
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, escape.Line(f.Query))
		if v := f.Verdict; v != nil && v.Unknown {
			fmt.Fprintf(table, "unknown: no neighbour has a similarity of %.4f or more\n", *f.Threshold)
		} else if v != nil {
			fmt.Fprintf(table, "class %s, with %.0f %% of the votes at a similarity of %.4f or more\n",
				escape.Line(v.Class), 100*v.Share, *f.Threshold)
		}
		fmt.Fprint(table, "rank\tsimilarity\tclass\timage\n")
		for _, h := range f.Hits {
			image := h.Path
			if image == "" {
				image = fmt.Sprintf("number %d", h.Index)
			}
			fmt.Fprintf(table, "%d\t%.4f\t%s\t%s\n", h.Rank, h.Similarity, escape.Line(h.Class), escape.Line(image))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}
