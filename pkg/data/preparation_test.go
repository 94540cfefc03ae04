package data_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// paper is a set of dark ink on light paper, and negative one of the same pictures turned over.
type (
	paper    struct{ data.Dataset }
	negative struct{ data.Dataset }
)

func (paper) Format() data.Format { return data.Format{Channels: 1, DarkOnLight: true} }
func (n negative) Image(i int) (data.Image, error) {
	m, err := n.Dataset.Image(i)
	return m.Inverted(), err
}

// Batches turn pictures over as the set says, or as they are told to, before they make them square and change them.
func TestBatchesTurnOver(t *testing.T) {
	ds := glyphs(t, data.GlyphsConfig{Classes: 4, PerClass: 3, Size: 12})
	batches := func(ds data.Dataset, invert data.Inversion) []batch {
		return take(t, &data.PairBatches{Dataset: ds, Classes: 3, PerClass: 2, Size: 10, Invert: invert, Augment: data.DefaultAugment(), Steps: 2}, 0)
	}
	plain, turned := batches(ds, data.InvertOff), batches(negative{ds}, data.InvertOff)
	if reflect.DeepEqual(plain, turned) {
		t.Fatal("pictures that are turned over give the same batches")
	}
	for name, trial := range map[string]struct{ got, want []batch }{
		"as the set says":     {batches(paper{ds}, data.InvertAsSet), turned},
		"a subset":            {batches(data.Subset(paper{ds}, "all", func(string) bool { return true }), data.InvertAsSet), turned},
		"left":                {batches(paper{ds}, data.InvertOff), plain},
		"told to":             {batches(ds, data.InvertOn), turned},
		"nothing is said":     {batches(ds, data.InvertAsSet), plain},
		"rotations, in part":  {batches(data.Subset(data.Rotations(paper{ds}), "upright", upright), data.InvertAsSet), turned},
		"mirrored, in part":   {batches(data.Subset(data.Mirrored(paper{ds}), "upright", upright), data.InvertAsSet), turned},
		"turned over and not": {batches(negative{paper{ds}}, data.InvertOff), turned},
	} {
		if !reflect.DeepEqual(trial.got, trial.want) {
			t.Errorf("%s: other batches", name)
		}
	}
	wrong := &data.PairBatches{Dataset: ds, Classes: 3, PerClass: 2, Size: 10, Invert: "maybe"}
	expect(t, wrong.Validate(), "turned over (on) or not (off)", "maybe")
	features := &data.PairBatches{Dataset: vectors{}, Classes: 2, PerClass: 2, Invert: data.InvertOn}
	expect(t, features.Validate(), "has features, not pictures")
}

func upright(class string) bool { return !strings.Contains(class, "@") }

// Numbered batches say which image each is, so that one that comes twice is known.
func TestNumberedBatches(t *testing.T) {
	ds := newPlain(2, 1, 5)
	for _, random := range []bool{false, true} {
		p := &data.PairBatches{Dataset: ds, Classes: 2, PerClass: 3, Size: 1, Steps: 6, Random: random, Seed: 4}
		plain := take(t, p, 0)
		p.Numbered = true
		for step, b := range take(t, p, 0) {
			seen := map[int32]int{}
			for k := range 6 {
				class, number := b.labels[2*k], b.labels[2*k+1]
				if class != plain[step].labels[k] || class != int32(ds.Label(int(number))) {
					t.Errorf("step %d: image %d of class %d, without numbers %d", step, number, class, plain[step].labels[k])
				}
				seen[number]++
			}
			if classes := []int32{b.labels[0], b.labels[6]}; !random && slices.Contains(classes, 1) && seen[2] != 3 {
				t.Errorf("step %d: %v, want the one image of class 1 three times", step, seen)
			}
		}
	}
}

// Gray that was saved as colour is the same gray, to the bit; a picture turned over twice is black where it was.
func TestGrayInColourIsGray(t *testing.T) {
	gray := data.Image{Width: 256, Height: 1, Pixels: make([]float32, 256)}
	for i := range gray.Pixels {
		gray.Pixels[i] = float32(i) / 255
	}
	if got := gray.As(3).As(1); !reflect.DeepEqual(got, gray) {
		t.Error("gray in colour has another luminance")
	}
	if p := gray.Inverted().Pixels; p[0] != 1 || p[255] != 0 || p[51] != 1-gray.Pixels[51] {
		t.Errorf("turned over: %v", p[:3])
	}
}

func TestInversionSays(t *testing.T) {
	for _, trial := range []struct {
		said   data.Inversion
		format data.Format
		want   data.Inversion
	}{
		{data.InvertAsSet, data.Format{Channels: 1, DarkOnLight: true}, data.InvertOn},
		{data.InvertAsSet, data.Format{Channels: 1}, data.InvertOff},
		{data.InvertAsSet, data.Format{Channels: 1, Features: 3}, data.InvertAsSet},
		{data.InvertOff, data.Format{Channels: 1, DarkOnLight: true}, data.InvertOff},
		{data.InvertOn, data.Format{Channels: 3}, data.InvertOn},
	} {
		if got := trial.said.For(trial.format); got != trial.want {
			t.Errorf("%q for %+v is %q, want %q", trial.said, trial.format, got, trial.want)
		}
	}
}
