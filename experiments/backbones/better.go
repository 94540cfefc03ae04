package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// several are the values of EfficientNet-lite0's file that a head may see, the mean over places of each. They are its output, what the
// last block expands to, and the blocks 15, 14, 11 and 8. Then come 13, 12, 10 and 9, and what block 14 expands to.
const several = output + ",hardtanh_30,getitem_141,add_8,getitem_105,getitem_78,add_7,add_6,add_5,add_4,hardtanh_28"

// How many of the numbers a head sees.
const (
	alone   = 1280
	inner   = alone + 1152
	blocks  = inner + 320 + 192 + 192 + 112
	further = blocks + 192 + 192 + 112 + 112 + 1152
)

// variants differ in what the head sees, and how it learns.
var variants = []struct {
	name   string
	sees   int
	change func(*train.Config)
}{
	{"the output alone, defaults", alone, func(*train.Config) {}},
	{"the output alone, 48 × 5, m = 0.25", alone, larger},
	{"and what block 15 expands to, defaults", inner, func(*train.Config) {}},
	{"and the output of blocks 15, 14, 11 and 8, defaults", blocks, func(*train.Config) {}},
	{"these, 48 × 4", blocks, func(c *train.Config) { c.Classes = 48 }},
	{"these, 48 × 4, m = 0.25", blocks, func(c *train.Config) { larger(c); c.PerClass = 4 }},
	{"these, 48 × 5, m = 0.25", blocks, larger},
	{"these, 48 × 5, m = 0.1", blocks, func(c *train.Config) { larger(c); c.Set["margin"] = "0.1" }},
	{"these, 48 × 5, m = 0.25, γ = 32", blocks, func(c *train.Config) { larger(c); c.Set["gamma"] = "32" }},
	{"these, 48 × 5, m = 0.25, 512 numbers", blocks, func(c *train.Config) { larger(c); c.Dim = 512 }},
	{"these, 48 × 5, m = 0.25, learning rate 0.001", blocks, func(c *train.Config) { larger(c); c.LearningRate = 1e-3 }},
	{"these, 48 × 5, m = 0.25, weight decay 0.1", blocks, func(c *train.Config) { larger(c); c.WeightDecay = 0.1 }},
	{"these, 48 × 5, m = 0.25, 2,000 steps", blocks, func(c *train.Config) { larger(c); c.Steps = 2000 }},
	{"these, 48 × 5, m = 0.25, MLP of 512 hidden numbers", blocks, func(c *train.Config) {
		larger(c)
		c.Architecture, c.Width = train.ArchitectureMLP, 512
	}},
	{"these, 48 × 5, multi-similarity", blocks, func(c *train.Config) { larger(c); c.Loss, c.Set = "multi-similarity", nil }},
	{"these, 96 × 5, m = 0.25", blocks, func(c *train.Config) { larger(c); c.Classes = 96 }},
	{"these, 96 × 5, m = 0.25, γ = 32, 256 numbers", blocks, func(c *train.Config) {
		larger(c)
		c.Classes, c.Set["gamma"], c.Dim = 96, "32", 256
	}},
	{"and further blocks, 48 × 5, m = 0.25", further, larger},
}

// larger makes batches of 48 × 5, and the margin of Circle's that was made for faces.
func larger(c *train.Config) {
	c.Classes, c.PerClass, c.Set = 48, 5, map[string]string{"margin": "0.25"}
}

// better tries the variants on a fifth of the classes that are learnt from, and asks the test of the first and of the best one.
func better(ctx context.Context, s *subject) (string, error) {
	start := time.Now()
	all, err := s.see(ctx, several)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString(header("variant, in validation"))
	tried := make([]found, len(variants))
	for i, v := range variants {
		p := all.first(v.sees)
		learn, held, err := data.HoldOut(p.learn, 0.2, 1)
		if err != nil {
			return "", err
		}
		_, f, err := s.trained(ctx, seen{learn: learn, test: held}, s.variant(i, 0)) // not asked of the test
		if err != nil {
			return "", err
		}
		tried[i] = f
		fmt.Fprintln(os.Stderr, v.name, f)
		text.WriteString(line(v.name, []found{f}))
	}
	best := 0
	for i, f := range tried {
		if f.mapAtR > tried[best].mapAtR {
			best = i
		}
	}
	text.WriteString("\n" + header("on the test's classes"))
	for _, i := range []int{0, best} {
		p := all.first(variants[i].sees)
		var scores []found
		var sets []eval.Set
		for seed := range s.seeds {
			set, f, err := s.trained(ctx, p, s.variant(i, seed))
			if err != nil {
				return "", err
			}
			scores, sets = append(scores, f), append(sets, set)
		}
		together, err := s.retrieve(beside(sets))
		if err != nil {
			return "", err
		}
		text.WriteString(line(variants[i].name, scores))
		text.WriteString(line(fmt.Sprintf("the same, the %d heads' embeddings beside one another", s.seeds), []found{together}))
	}
	fmt.Fprintf(&text, "\nThe variants learnt, with seed 0, from four fifths of the %d classes to learn from, and were asked for the "+
		"others, drawn by name. The best by MAP@R, and the first, then learnt from all with %d seeds, and were asked once for the test's "+
		"%d pictures of %d others. All of it took %.0f s by the clock, compiling included, %.0f s of them for the features of all variants, in one pass.",
		len(all.learn.Classes()), s.seeds, all.test.Len(), len(all.test.Classes()), time.Since(start).Seconds(), all.took.Seconds())
	return text.String(), nil
}

// variant returns the training of a variant.
func (s *subject) variant(i int, seed uint64) train.Config {
	c := s.config("circle", seed)
	variants[i].change(&c)
	return c
}

// first returns the pictures as a head sees them that sees the first numbers only.
func (s seen) first(numbers int) seen {
	return seen{learn: first{s.learn, numbers}, test: first{s.test, numbers}}
}

// first has the first numbers of each row of a set of features.
type first struct {
	data.Dataset
	numbers int
}

// Format implements [data.Dataset].
func (f first) Format() data.Format { return data.Format{Channels: 1, Features: f.numbers} }

// Image implements [data.Dataset].
func (f first) Image(i int) (data.Image, error) {
	row, err := f.Dataset.Image(i)
	if err == nil {
		row.Pixels, row.Width = row.Pixels[:f.numbers:f.numbers], f.numbers
	}
	return row, err
}

// beside puts the embeddings of several heads beside one another: their cosines are then the means of the heads'.
func beside(sets []eval.Set) eval.Set {
	all := eval.Set{Labels: sets[0].Labels}
	for _, set := range sets {
		all.Dim += set.Dim
	}
	for i := range all.Len() {
		for _, set := range sets {
			all.Embeddings = append(all.Embeddings, set.Embeddings[i*set.Dim:(i+1)*set.Dim]...)
		}
	}
	return all
}
