package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/unipair/unipair/pkg/train"
)

// heads measures small heads, all by Circle loss.
func heads(ctx context.Context, s *subject) (string, error) {
	p, err := s.see(ctx, output)
	if err != nil {
		return "", err
	}
	again := time.Now()
	if _, err := s.see(ctx, output); err != nil {
		return "", err
	}
	cached := time.Since(again)
	plain, err := s.plain(p)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString(header("head") + line("none: the features as they are", []found{plain}))
	for _, head := range []struct {
		name       string
		width, dim int
	}{
		{"linear, 128 numbers (the defaults)", 0, 128},
		{"linear, 512 numbers", 0, 512},
		{"MLP, 32 hidden numbers (the default)", 32, 128},
		{"MLP, 1024 hidden numbers", 1024, 128},
	} {
		all, err := s.measured(ctx, p, func(seed uint64) train.Config {
			c := s.config("circle", seed)
			c.Dim = head.dim
			if head.width > 0 {
				c.Architecture, c.Width = train.ArchitectureMLP, head.width
			}
			return c
		})
		if err != nil {
			return "", err
		}
		fmt.Fprintln(os.Stderr, head.name, all)
		text.WriteString(line(head.name, all))
	}
	fmt.Fprintf(&text, "\n%s Circle, %d steps of 24 × 4. Features of all %d pictures in %s: %.1f s; opened, checked and taken from the "+
		"cache: %.1f s.", s.about(p), s.steps, p.learn.Len()+p.test.Len(), p.engine, p.took.Seconds(), cached.Seconds())
	return text.String(), nil
}
