package main

import (
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

func TestSubjects(t *testing.T) {
	for _, s := range subjects {
		for _, steps := range []int{1, 5, 250} {
			if err := s.config(steps, 0).Validate(); err != nil {
				t.Errorf("%s, %d steps: %v", s.name, steps, err)
			}
		}
	}
}

func TestDimensions(t *testing.T) {
	cross := eval.Set{Dim: 3, Labels: make([]int32, 4), Embeddings: []float32{1, 0, 5, -1, 0, 5, 0, 1, 5, 0, -1, 5}}
	line := eval.Set{Dim: 2, Labels: make([]int32, 3), Embeddings: []float32{0, 0, 1, 2, 2, 4}}
	for _, test := range []struct {
		name string
		set  eval.Set
		want float64
	}{{"two alike of three axes", cross, 2}, {"a line", line, 1}} {
		if got, err := dimensions(test.set); err != nil || math.Abs(got-test.want) > 1e-6 {
			t.Errorf("%s: %g, %v; want %g", test.name, got, err, test.want)
		}
	}
}

func TestPixels(t *testing.T) {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 2, PerClass: 2, Size: 8})
	if err != nil {
		t.Fatal(err)
	}
	set, err := pixels(first(glyphs, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Labels) != 3 || len(set.Embeddings) != 3*set.Dim {
		t.Fatalf("%d labels, %d × %d numbers", len(set.Labels), len(set.Embeddings)/set.Dim, set.Dim)
	}
	length := 0.0
	for _, x := range set.Embeddings[:set.Dim] {
		length += float64(x) * float64(x)
	}
	if math.Abs(length-1) > 1e-5 {
		t.Errorf("length² %g", length)
	}
}

func TestTable(t *testing.T) {
	of := func(mapAtR float64) found {
		r := eval.Retrieval{Metrics: eval.Metrics{MAPAtR: mapAtR}, Classes: []eval.ClassMetrics{{Label: 1, Metrics: eval.Metrics{MAPAtR: mapAtR / 2}}}}
		return found{seen: r, unseen: r, dimensions: 4}
	}
	got := table([]row{{"raw", []found{of(0.5)}}, {"learnt", []found{of(0.2), of(0.4)}}}, []string{"sandal", "shirt"}, 250)
	for _, want := range []string{
		"| raw | 0.0 | 0.0 | 50.0 | 4.0 | 50.0 |\n", "| learnt | 0.0 ± 0.0 | 0.0 ± 0.0 | 30.0 ± 14.1 | 4.0 ± 0.0 | 30.0 ± 14.1 |\n",
		"| MAP@R of unseen classes, % | shirt |\n|---|---|\n| raw | 25.0 |\n| learnt | 15.0 ± 7.1 |\n", "in 250 steps",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table\n%swant %q", got, want)
		}
	}
}
