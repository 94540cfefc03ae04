package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// artists asks for the class of each artist's pictures, of all others' and of each other's. Where one looks among all pictures, those of
// one's own artist, which look alike whatever they show, are in the way.
func artists(ctx context.Context, s *subject) (string, error) {
	p, err := s.see(ctx, output)
	if err != nil {
		return "", err
	}
	by, names := byArtist(p.test)
	plain, err := s.asTheyAre(p.test)
	if err != nil {
		return "", err
	}
	var heads []eval.Set
	for seed := range s.seeds {
		set, _, err := s.trained(ctx, p, s.config("circle", seed))
		if err != nil {
			return "", err
		}
		heads = append(heads, set)
	}
	var text strings.Builder
	text.WriteString("| queries of | features as they are: recall@1 | MAP@R | linear head: recall@1 | MAP@R |")
	for _, name := range names {
		fmt.Fprintf(&text, " among %s |", name)
	}
	text.WriteString("\n|---|---|---|---|---|" + strings.Repeat("---|", len(names)) + "\n")
	ask := func(sets []eval.Set, queries, references []int) ([]found, error) {
		var all []found
		for _, set := range sets {
			scores, err := eval.RetrieveFrom(rows(set, queries), rows(set, references), eval.Options{Backend: s.device})
			if err != nil {
				return nil, err
			}
			all = append(all, found{recallAt1: scores.PrecisionAt1, mapAtR: scores.MAPAtR})
		}
		return all, nil
	}
	for _, name := range names {
		var others []int
		for other, pictures := range by {
			if other != name {
				others = append(others, pictures...)
			}
		}
		slices.Sort(others)
		bare, err := ask([]eval.Set{plain}, by[name], others)
		if err != nil {
			return "", err
		}
		headed, err := ask(heads, by[name], others)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |", name, spread(bare, recallAt1), spread(bare, mapAtR),
			spread(headed, recallAt1), spread(headed, mapAtR))
		for _, other := range names {
			if other == name {
				text.WriteString(" – |")
				continue
			}
			one, err := ask(heads, by[name], by[other])
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&text, " %s |", spread(one, recallAt1))
		}
		text.WriteString("\n")
	}
	text.WriteString("\n" + s.about(p) + " A query is looked for among all pictures of the other artists, each of whom drew its class " +
		"once; in the last columns, recall@1 of the linear head among those of one other, where a class has one picture. Circle, the " +
		"defaults of `unipair train`.")
	return text.String(), nil
}

// byArtist returns the pictures of each artist, whose name is that of the file.
func byArtist(set data.Dataset) (by map[string][]int, names []string) {
	by = make(map[string][]int)
	for i := range set.Len() {
		file := filepath.Base(data.Source(set, i))
		name := strings.TrimSuffix(file, filepath.Ext(file))
		if by[name] == nil {
			names = append(names, name)
		}
		by[name] = append(by[name], i)
	}
	slices.Sort(names)
	return by, names
}

// rows returns some rows of a set.
func rows(set eval.Set, some []int) eval.Set {
	part := eval.Set{Dim: set.Dim}
	for _, i := range some {
		part.Embeddings = append(part.Embeddings, set.Embeddings[i*set.Dim:(i+1)*set.Dim]...)
		part.Labels = append(part.Labels, set.Labels[i])
	}
	return part
}
