package main

import (
	"reflect"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// drawn is a set of rows of features, each in a file of its own.
type drawn struct {
	rows   [][]float32
	labels []int
	files  []string
}

func (d drawn) Name() string        { return "drawn" }
func (d drawn) Len() int            { return len(d.rows) }
func (d drawn) Classes() []string   { return []string{"a", "b"} }
func (d drawn) Label(i int) int     { return d.labels[i] }
func (d drawn) Format() data.Format { return data.Format{Channels: 1, Features: len(d.rows[0])} }
func (d drawn) Source(i int) string { return d.files[i] }
func (d drawn) Image(i int) (data.Image, error) {
	return data.Image{Pixels: d.rows[i], Width: len(d.rows[i]), Height: 1}, nil
}

var some = drawn{
	rows:   [][]float32{{3, 4, 0}, {0, 0, 2}, {1, 0, 0}},
	labels: []int{0, 1, 0},
	files:  []string{"x/a/noto.png", "x/b/noto.png", "x/a/fluent.flat.png"},
}

func TestByArtist(t *testing.T) {
	by, names := byArtist(some)
	if want := []string{"fluent.flat", "noto"}; !slices.Equal(names, want) || !slices.Equal(by["noto"], []int{0, 1}) ||
		!slices.Equal(by["fluent.flat"], []int{2}) {
		t.Errorf("%v of %q", by, names)
	}
}

func TestRows(t *testing.T) {
	plain := eval.Set{Dim: 3, Embeddings: []float32{0.6, 0.8, 0, 0, 0, 1, 1, 0, 0}, Labels: []int32{0, 1, 0}}
	for _, test := range []struct {
		name string
		got  eval.Set
		want eval.Set
	}{
		{"some", rows(plain, []int{2, 0}), eval.Set{Dim: 3, Embeddings: []float32{1, 0, 0, 0.6, 0.8, 0}, Labels: []int32{0, 0}}},
		{"beside one another", beside([]eval.Set{rows(plain, []int{1}), rows(plain, []int{2})}),
			eval.Set{Dim: 6, Embeddings: []float32{0, 0, 1, 1, 0, 0}, Labels: []int32{1}}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}
}

func TestFirst(t *testing.T) {
	sees := first{some, 2}
	row, err := sees.Image(0)
	if err != nil || sees.Format().Features != 2 || row.Width != 2 || !slices.Equal(row.Pixels, []float32{3, 4}) {
		t.Errorf("%+v, %v", row, err)
	}
}

func TestLine(t *testing.T) {
	for _, test := range []struct {
		name string
		all  []found
		want string
	}{
		{"as it is", []found{{recallAt1: 0.5, mapAtR: 0.25}}, "| x | 0.500 | 0.250 | | |\n"},
		{"two seeds", []found{{0.5, 0.25, 2, 4}, {0.7, 0.25, 3, 4}}, "| x | 0.600 ± 0.141 | 0.250 ± 0.000 | 2.5 | 4.0 |\n"},
	} {
		if got := line("x", test.all); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Every variant is a training that can be, and no two are the same.
func TestVariants(t *testing.T) {
	s := &subject{steps: 700}
	var before []string
	for i, v := range variants {
		c := s.variant(i, 0)
		c.Features = v.sees
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		if c.Architecture != train.ArchitectureLinear && c.Architecture != train.ArchitectureMLP {
			t.Errorf("%s is no head: %s", v.name, c.Architecture)
		}
		if slices.Contains(before, v.name) {
			t.Errorf("%s is there twice", v.name)
		}
		before = append(before, v.name)
	}
}
