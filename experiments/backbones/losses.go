package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
)

// pairLosses ranks the losses of pairs.
func pairLosses(ctx context.Context, s *subject) (string, error) {
	return rank(ctx, s, losses.PairLabels)
}

// classLosses ranks the losses of classes.
func classLosses(ctx context.Context, s *subject) (string, error) {
	return rank(ctx, s, losses.ClassLabels)
}

// rank trains a linear head by each loss of a family, as the catalogue has it. A training that ends with an error is a result, too.
func rank(ctx context.Context, s *subject, family losses.Labels) (string, error) {
	p, err := s.see(ctx, output)
	if err != nil {
		return "", err
	}
	plain, err := s.plain(p)
	if err != nil {
		return "", err
	}
	type row struct {
		loss string
		all  []found
	}
	ranked := []row{{"*features as they are*", []found{plain}}}
	var failed strings.Builder
	for _, entry := range losses.Catalogue() {
		if entry.Labels != family {
			continue
		}
		all, err := s.measured(ctx, p, func(seed uint64) train.Config { return s.config(entry.Name, seed) })
		if ctx.Err() != nil {
			return "", err
		}
		if err != nil {
			fmt.Fprintf(&failed, "\n- %s: %v", entry.Name, err)
			continue
		}
		fmt.Fprintln(os.Stderr, entry.Name, spread(all, mapAtR))
		ranked = append(ranked, row{entry.Name, all})
	}
	slices.SortStableFunc(ranked, func(a, b row) int { return cmp.Compare(mean(b.all, mapAtR), mean(a.all, mapAtR)) })
	var text strings.Builder
	text.WriteString(header("loss"))
	for _, r := range ranked {
		text.WriteString(line(r.loss, r.all))
	}
	fmt.Fprintf(&text, "\n%s Each loss has its default parameters, none chosen here, and trains a linear head of 128 numbers in %d steps "+
		"of 24 × 4.", s.about(p), s.steps)
	if failed.Len() > 0 {
		text.WriteString(" These ended with an error:\n" + failed.String())
	}
	return text.String(), nil
}
