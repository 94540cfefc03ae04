package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// hit is a neighbour of a query.
type hit struct {
	Rank       int     `json:"rank"` // from 1
	Similarity float64 `json:"similarity"`
	imageRow
}

// found is what a query gave.
type found struct {
	Query string `json:"query"`
	Hits  []hit  `json:"neighbours"`
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
		unless(*dir != "", usage.Errorf("search where? --index takes the %s", aboutIndexDirs)),
		unless(len(queries) > 0, usage.Errorf("search what? --query takes an image file")),
		unless(*top >= 1, usage.Errorf("search: --top must be at least 1, got %d", *top)),
	); err != nil {
		return err
	}
	ix, set, rows, wrongIndex := readIndex(*dir)
	images, wrongImages := readQueries(queries)
	if err := usage.Join(wrongIndex, wrongImages); err != nil {
		return err
	}
	if err := ix.wrongNetworks(*dir); err != nil {
		return err
	}
	members, err := openEmbedder(std, ix.modelDirs(*dir), ix.Views)
	if err != nil {
		return err
	}
	vectors, err := members.Embed(images...)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	asked := eval.Set{Dim: members.Dim(), Embeddings: vectors, Labels: make([]int32, len(images))}
	neighbours, err := eval.Neighbours(asked, set, *top)
	if err != nil {
		return err
	}
	all := make([]found, len(queries))
	for q, near := range neighbours {
		all[q].Query = queries[q]
		for i, n := range near {
			// Of vectors of length 1.
			all[q].Hits = append(all[q].Hits, hit{i + 1, 1 - n.Distance*n.Distance/2, rows[n.Index]})
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

// wrongNetworks returns an error unless an index's networks take pictures and make embeddings of its length.
func (ix index) wrongNetworks(dir string) error {
	manifests, err := readManifests(ix.modelDirs(dir))
	if err != nil {
		return fmt.Errorf("index %s: %w", dir, err)
	}
	dim := 0
	for _, m := range manifests {
		if m.Config.Features > 0 {
			return fmt.Errorf("search: index %s is of %s, rows of %d features, and --query takes pictures: "+
				"compare rows by the embeddings in its %s", dir, ix.Data, m.Config.Features, vectorsName)
		}
		dim += m.Config.Dim
	}
	if dim != ix.Dim {
		return fmt.Errorf("index %s has embeddings of %d numbers, and its networks make %d: export it again", dir, ix.Dim, dim)
	}
	return nil
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

// rowsOf says what each image of a set is.
func rowsOf(set data.Dataset) []imageRow {
	rows := make([]imageRow, set.Len())
	for i := range rows {
		rows[i] = imageRow{i, set.Classes()[set.Label(i)], data.Source(set, i)}
	}
	return rows
}
