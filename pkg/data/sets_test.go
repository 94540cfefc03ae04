package data_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// plain is a set of a test: sizes[c] images of class c, 2 × 1 pixels, the first of which holds the image's index.
type plain struct {
	sizes   []int
	labels  []int
	classes []string
	broken  int // the image that cannot be read; none if 0
}

func newPlain(sizes ...int) *plain {
	p := &plain{sizes: sizes}
	for class, n := range sizes {
		p.classes = append(p.classes, string(rune('a'+class)))
		for range n {
			p.labels = append(p.labels, class)
		}
	}
	return p
}

func (p *plain) Name() string      { return "plain" }
func (p *plain) Len() int          { return len(p.labels) }
func (p *plain) Classes() []string { return p.classes }
func (p *plain) Label(i int) int   { return p.labels[i] }
func (*plain) Format() data.Format { return data.Format{Channels: 1} }

func (p *plain) Image(i int) (data.Image, error) {
	if p.broken > 0 && i == p.broken {
		return data.Image{}, errors.New("torn")
	}
	return data.Image{Width: 2, Height: 1, Pixels: []float32{float32(i), -1}}, nil
}

func picture(t *testing.T, ds data.Dataset, i int) data.Image {
	t.Helper()
	m, err := ds.Image(i)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSubset(t *testing.T) {
	ds := newPlain(2, 1, 3)
	s := data.Subset(ds, "ends", func(class string) bool { return class != "b" })
	if s.Name() != "ends" || s.Len() != 5 || !slices.Equal(s.Classes(), []string{"a", "c"}) {
		t.Fatalf("%s: %d images of %q", s.Name(), s.Len(), s.Classes())
	}
	for i, original := range []float32{0, 1, 3, 4, 5} {
		if label := []int{0, 0, 1, 1, 1}[i]; s.Label(i) != label || picture(t, s, i).Pixels[0] != original {
			t.Errorf("image %d: class %d, original %g", i, s.Label(i), picture(t, s, i).Pixels[0])
		}
	}
	if _, err := s.Image(5); err == nil {
		t.Error("image 5 of 5 is no error")
	}
	if none := data.Subset(ds, "none", func(string) bool { return false }); none.Len() != 0 || len(none.Classes()) != 0 {
		t.Errorf("nothing kept, %d images left", none.Len())
	}
}

func TestAlphabets(t *testing.T) {
	keep := data.Alphabets("Greek", "Latin")
	for class, want := range map[string]bool{"Greek/character01": true, "Latin/character26": true, "Korean/character01": false, "Gree": false} {
		if keep(class) != want {
			t.Errorf("%s: %v", class, !want)
		}
	}
}

func TestRotations(t *testing.T) {
	r := data.Rotations(newPlain(1, 1))
	if !slices.Equal(r.Classes(), []string{"a", "b", "a@90", "b@90", "a@180", "b@180", "a@270", "b@270"}) || r.Len() != 8 {
		t.Fatalf("%d images of %q", r.Len(), r.Classes())
	}
	for i := range 8 {
		if r.Label(i) != i {
			t.Errorf("image %d is of class %d", i, r.Label(i))
		}
	}
	// Image 1 is the row "1 −1"; counter-clockwise its right end goes up, left, down.
	for turn, want := range []data.Image{
		{Width: 2, Height: 1, Pixels: []float32{1, -1}}, {Width: 1, Height: 2, Pixels: []float32{-1, 1}},
		{Width: 2, Height: 1, Pixels: []float32{-1, 1}}, {Width: 1, Height: 2, Pixels: []float32{1, -1}},
	} {
		if got := picture(t, r, 2*turn+1); !same(got, want) {
			t.Errorf("turned %d times: %v, want %v", turn, got, want)
		}
	}
	if _, err := r.Image(8); err == nil {
		t.Error("image 8 of 8 is no error")
	}
}

func TestMirrored(t *testing.T) {
	m := data.Mirrored(newPlain(2, 1))
	if !slices.Equal(m.Classes(), []string{"a", "b", "a@mirror", "b@mirror"}) || m.Len() != 6 {
		t.Fatalf("%d images of %q", m.Len(), m.Classes())
	}
	want := data.Image{Width: 2, Height: 1, Pixels: []float32{-1, 2}}
	if got := picture(t, m, 5); m.Label(5) != 3 || !same(got, want) {
		t.Errorf("class %d, %v", m.Label(5), got)
	}
}

// TestTurnsOfTurns checks what holds of any picture: four quarters and two mirrors do nothing, two quarters are a half.
func TestTurnsOfTurns(t *testing.T) {
	ds := glyphs(t, data.GlyphsConfig{Classes: 3, PerClass: 2, Size: 9})
	quarter := func(ds data.Dataset) data.Dataset { return part(data.Rotations(ds), 1, 4) }
	mirror := func(ds data.Dataset) data.Dataset { return part(data.Mirrored(ds), 1, 2) }
	twice, half := quarter(quarter(ds)), part(data.Rotations(ds), 2, 4)
	for i := range ds.Len() {
		original := picture(t, ds, i)
		if !same(picture(t, quarter(quarter(twice)), i), original) || !same(picture(t, mirror(mirror(ds)), i), original) {
			t.Errorf("image %d does not come back", i)
		}
		if !same(picture(t, twice, i), picture(t, half, i)) {
			t.Errorf("image %d: two quarters are not a half", i)
		}
	}
}

// part is the nth of so many equal parts of a set's classes, from 0.
func part(ds data.Dataset, n, of int) data.Dataset {
	classes := len(ds.Classes()) / of
	return data.Subset(ds, "part", func(class string) bool {
		return slices.Contains(ds.Classes()[n*classes:(n+1)*classes], class)
	})
}

func same(a, b data.Image) bool {
	return a.Width == b.Width && a.Height == b.Height && slices.Equal(a.Pixels, b.Pixels)
}
