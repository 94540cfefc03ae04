package data_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func glyphSet(t *testing.T) data.Dataset {
	t.Helper()
	set, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A class is on one side with all its forms, and the held-out side has only the class as it is.
func TestHoldOut(t *testing.T) {
	all := glyphSet(t)
	wide := data.Mirrored(data.Rotations(all))
	training, held, err := data.HoldOut(wide, 0.25, 3)
	if err != nil {
		t.Fatal(err)
	}
	n := len(all.Classes())
	if want := n / 4; len(held.Classes()) != want || len(training.Classes()) != 8*(n-want) {
		t.Errorf("%d classes held out of %d, %d to train on", len(held.Classes()), n, len(training.Classes()))
	}
	if held.Len()+training.Len()/8 != all.Len() {
		t.Errorf("%d + %d/8 images of %d", held.Len(), training.Len(), all.Len())
	}
	for _, class := range held.Classes() {
		if !slices.Contains(all.Classes(), class) {
			t.Errorf("held out: %q, which is a changed form", class)
		}
		if slices.ContainsFunc(training.Classes(), func(c string) bool { return c == class || strings.HasPrefix(c, class+"@") }) {
			t.Errorf("%q is held out and trained on", class)
		}
	}
	_, again, err := data.HoldOut(all, 0.25, 3)
	if err != nil || !slices.Equal(again.Classes(), held.Classes()) {
		t.Errorf("the plain set holds out %v, want %v: %v", again.Classes(), held.Classes(), err)
	}
	_, other, err := data.HoldOut(all, 0.25, 4)
	if err != nil || slices.Equal(other.Classes(), held.Classes()) {
		t.Errorf("another seed holds out the same classes: %v", err)
	}
	// Taking away one trained class moves none of the others but, at most, one into the held-out part.
	gone := training.Classes()[0]
	_, fewer, err := data.HoldOut(data.Subset(all, "fewer", func(c string) bool { return c != gone }), 0.25, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range fewer.Classes() {
		if !slices.Contains(held.Classes(), class) {
			t.Errorf("without %q also %q is held out", gone, class)
		}
	}
}

// tailed is a set with classes of a single image after its own: image i of them is the first of class i.
type tailed struct {
	data.Dataset
	singles int
}

func (s tailed) Len() int { return s.Dataset.Len() + s.singles }

func (s tailed) Classes() []string {
	classes := slices.Clone(s.Dataset.Classes())
	for i := range s.singles {
		classes = append(classes, fmt.Sprint("single ", i))
	}
	return classes
}

func (s tailed) Label(i int) int {
	if n := s.Dataset.Len(); i >= n {
		return len(s.Dataset.Classes()) + i - n
	}
	return s.Dataset.Label(i)
}

// Classes of a single image are trained on, and change nothing in what is held out.
func TestHoldOutOfALongTail(t *testing.T) {
	all := glyphSet(t)
	_, want, err := data.HoldOut(all, 0.25, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []data.Dataset{tailed{all, 200}, data.Rotations(tailed{all, 200})} {
		training, held, err := data.HoldOut(set, 0.25, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(held.Classes(), want.Classes()) || held.Len() != want.Len() {
			t.Errorf("with a tail %v are held out, want %v", held.Classes(), want.Classes())
		}
		for i := range 200 {
			if !slices.Contains(training.Classes(), fmt.Sprint("single ", i)) {
				t.Errorf("single %d is not trained on", i)
			}
		}
	}
	few := tailed{data.Subset(all, "few", func(c string) bool { return slices.Contains(all.Classes()[:3], c) }), 50}
	if _, _, err := data.HoldOut(few, 0.5, 3); err == nil || !strings.Contains(err.Error(), "few has 3 classes of more than one image") {
		t.Errorf("error %v", err)
	}
}

func TestHoldOutRefuses(t *testing.T) {
	all := glyphSet(t)
	few := func(n int) data.Dataset {
		return data.Subset(all, "few", func(c string) bool { return slices.Contains(all.Classes()[:n], c) })
	}
	for _, c := range []struct {
		set      data.Dataset
		fraction float64
		want     string
	}{
		{all, 0, "must be in (0, 1), got 0"},
		{all, 1, "must be in (0, 1), got 1"},
		{few(3), 0.5, "few has 3 classes of more than one image: holding out 0.5 of them leaves 2 to validate with and 1 to train on"},
		{all, 0.001, "leaves 0 to validate with"},
	} {
		if _, _, err := data.HoldOut(c.set, c.fraction, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %g: error %v, want one with %q", c.set.Name(), c.fraction, err, c.want)
		}
	}
}
