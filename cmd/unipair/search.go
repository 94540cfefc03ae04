package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/index"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// found holds what a query gave.
type found struct {
	Query string      `json:"query"`
	Hits  []index.Hit `json:"neighbours"`
}

// runSearch finds the images of an index that are most like others: `unipair search --index DIR --query IMAGE [--top 10] [--json]`.
func runSearch(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("search", flag.ContinueOnError)
	dir := flags.String("index", "", "`directory` that unipair export --out wrote")
	var queries places
	flags.Var(&queries, "query", "`image` file to look for; may be given several times")
	top := flags.Int("top", 10, "neighbours of each query")
	asJSON := flags.Bool("json", false, "write JSON, for machines")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if err := usage.Join(
		unless(*dir != "", usage.Errorf("search where? --index takes the %s", index.About)),
		unless(len(queries) > 0, usage.Errorf("search what? --query takes an image file")),
		unless(*top >= 1, usage.Errorf("search: --top must be at least 1, got %d", *top)),
	); err != nil {
		return err
	}
	x, wrongIndex := index.Open(*dir)
	images, wrongImages := readQueries(queries)
	if err := usage.Join(wrongIndex, wrongImages); err != nil {
		return err
	}
	networks, err := x.Networks()
	if err != nil {
		return err
	}
	device, err := openBackend(std)
	if err != nil {
		return err
	}
	networks.To = std.err
	members, err := networks.Load(device)
	if err != nil {
		return err
	}
	hits, err := x.Search(members, images, *top)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	all := make([]found, len(queries))
	for i, query := range queries {
		all[i] = found{query, hits[i]}
	}
	if *asJSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(all)
	}
	return printHits(std, all)
}

// readQueries reads the images, or says which cannot be read.
func readQueries(names places) (images []data.Image, err error) {
	var wrong []error
	for _, name := range names {
		image, err := data.ReadImage(name)
		images, wrong = append(images, image), append(wrong, err)
	}
	return images, usage.Join(wrong...)
}

func printHits(std stdio, all []found) error {
	for _, f := range all {
		table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(table, "%s\nrank\tsimilarity\tclass\timage\n", escape.Line(f.Query))
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
