package data_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// coloured is a set whose picture i is three different gray pictures of another set, one a channel.
type coloured struct{ data.Dataset }

func (coloured) Format() data.Format { return data.Format{Channels: 3} }

func (c coloured) Image(i int) (data.Image, error) {
	var channels [3]data.Image
	for k := range channels {
		var err error
		if channels[k], err = c.Dataset.Image((i + k) % c.Len()); err != nil {
			return data.Image{}, err
		}
	}
	return merge(channels), nil
}

func merge(channels [3]data.Image) data.Image {
	out := data.Image{Width: channels[0].Width, Height: channels[0].Height}
	for i := range channels[0].Pixels {
		out.Pixels = append(out.Pixels, channels[0].Pixels[i], channels[1].Pixels[i], channels[2].Pixels[i])
	}
	return out
}

func split(m data.Image) (channels [3]data.Image) {
	for k := range channels {
		channels[k] = data.Image{Width: m.Width, Height: m.Height}
		for i := k; i < len(m.Pixels); i += 3 {
			channels[k].Pixels = append(channels[k].Pixels, m.Pixels[i])
		}
	}
	return channels
}

// TestColourIsThreeGrays: whatever is done to places does the same to each channel.
func TestColourIsThreeGrays(t *testing.T) {
	ds := coloured{glyphs(t, data.GlyphsConfig{Classes: 3, PerClass: 2, Size: 25})}
	m := picture(t, ds, 1)
	for name, change := range map[string]func(data.Image) data.Image{
		"resize":  func(m data.Image) data.Image { return data.Resize(m, 14) },
		"enlarge": func(m data.Image) data.Image { return data.Resize(m, 60) },
		"affine":  func(m data.Image) data.Image { return data.DefaultAugment().Apply(m, 3, 5) },
	} {
		channels := split(m)
		for k := range channels {
			channels[k] = change(channels[k])
		}
		if !same(change(m), merge(channels)) {
			t.Errorf("%s mixes the channels", name)
		}
	}
	turned, all := data.Rotations(ds), data.Rotations(ds.Dataset)
	for way := range 4 {
		for k, channel := range split(picture(t, turned, way*6+1)) {
			if !same(channel, picture(t, all, way*6+1+k)) {
				t.Errorf("turn %d mixes the channels", way)
			}
		}
	}
}

func TestAs(t *testing.T) {
	gray := data.Image{Width: 2, Height: 1, Pixels: []float32{0.25, 1}}
	colour := gray.As(3)
	if !slices.Equal(colour.Pixels, []float32{0.25, 0.25, 0.25, 1, 1, 1}) || colour.Channels() != 3 {
		t.Errorf("gray in colour is %v", colour)
	}
	back := colour.As(1)
	for i, v := range back.Pixels {
		if math.Abs(float64(v-gray.Pixels[i])) > 1e-7 {
			t.Errorf("and back: %v", back)
		}
	}
	if got := (data.Image{Width: 1, Height: 1, Pixels: []float32{0, 1, 0}}).As(1).Pixels; got[0] != 0.587 {
		t.Errorf("green is %v", got)
	}
	if (data.Image{}).Channels() != 0 {
		t.Error("no image has channels")
	}
}

func TestChannelsOfBatches(t *testing.T) {
	ds := glyphs(t, data.GlyphsConfig{Classes: 3, PerClass: 2, Size: 16})
	for _, test := range []struct {
		set            data.Dataset
		channels, want int
	}{{ds, 0, 1}, {ds, 3, 3}, {coloured{ds}, 0, 3}, {coloured{ds}, 1, 1}, {coloured{ds}, 3, 3}} {
		p := &data.PairBatches{Dataset: test.set, Classes: 2, PerClass: 2, Size: 8, Channels: test.channels, Steps: 1}
		b := take(t, p, 1)[0]
		if !slices.Equal(b.dimensions, []int{4, 8, 8, test.want}) {
			t.Errorf("%d channels of %v: %v", test.channels, test.set.Format(), b.dimensions)
		}
	}
	p := &data.PairBatches{Dataset: ds, Classes: 2, PerClass: 2, Size: 8, Channels: 2}
	expect(t, p.Validate(), "1 channel (gray), 3 (colour)", "not 2")
}

// vectors is a set of features: example i is the number i, five times, in every order.
type vectors struct{ *plain }

func (vectors) Format() data.Format { return data.Format{Channels: 1, Features: 5} }

func (v vectors) Image(i int) (data.Image, error) {
	n := 5
	if i == v.broken-1 {
		n = 4
	}
	return data.Image{Width: n, Height: 1, Pixels: slices.Repeat([]float32{float32(i)}, n)}, nil
}

func TestBatchesOfFeatures(t *testing.T) {
	p := &data.PairBatches{Dataset: vectors{newPlain(3, 4)}, Classes: 2, PerClass: 2, Std: 2, Steps: 3}
	for _, b := range take(t, p, 3) {
		if !slices.Equal(b.dimensions, []int{4, 5}) {
			t.Fatalf("shape %v", b.dimensions)
		}
		for k, label := range b.labels {
			row := b.pixels[5*k : 5*k+5]
			if i := int(2 * row[0]); p.Dataset.Label(i) != int(label) || slices.Min(row) != slices.Max(row) {
				t.Errorf("class %d has %v", label, row)
			}
		}
	}
	for name, change := range map[string]func(*data.PairBatches){
		"size":     func(p *data.PairBatches) { p.Size = 28 },
		"channels": func(p *data.PairBatches) { p.Channels = 3 },
		"augment":  func(p *data.PairBatches) { p.Augment = data.DefaultAugment() },
	} {
		p := &data.PairBatches{Dataset: vectors{newPlain(3, 4)}, Classes: 2, PerClass: 2}
		if change(p); p.Validate() == nil {
			t.Errorf("%s of features is no error", name)
		}
	}
	uneven := newPlain(3, 3)
	uneven.broken = 3
	for _, err := range (&data.PairBatches{Dataset: vectors{uneven}, Classes: 2, PerClass: 2}).Iter() {
		expect(t, err, fmt.Sprintf("image %d of class a", 2), "4 features where the others have 5")
	}
}
