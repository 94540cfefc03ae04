package pretrained

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// front returns what makes features by a small network, and what it says.
func front(t *testing.T) (*Front, *bytes.Buffer) {
	t.Helper()
	var said bytes.Buffer
	n := train.Network{Architecture: train.Architecture(train.ONNXPrefix + onnxtest.Convolutional().File(t))}
	n.Backbone.Pixels = train.Pixels(onnxfile.Presets["0-1"])
	o, err := Open(t.Context(), backendtest.Go(t), n, &said)
	if err != nil {
		t.Fatal(err)
	}
	f, err := o.Front()
	if err != nil {
		t.Fatal(err)
	}
	return f, &said
}

// rowsOf are the rows of a set.
func rowsOf(t *testing.T, set data.Dataset) (rows [][]float32) {
	t.Helper()
	for i := range set.Len() {
		m, err := set.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, m.Pixels)
	}
	return rows
}

// equal compares rows to the bit.
func equal(a, b [][]float32) bool { return slices.EqualFunc(a, b, slices.Equal) }

// The further ways of a picture are kept by what made them: more ways leave those before, another seed or augmentation has others, and a
// picture has its own in whatever set it is.
func TestVaried(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	f, said := front(t)
	all, err := data.Glyphs(data.GlyphsConfig{Classes: 3, PerClass: 4, Size: 12})
	if err != nil {
		t.Fatal(err)
	}
	vary := func(set data.Dataset, a data.Augment, seed uint64, further int) (plain [][]float32, ways [][][]float32) {
		made, err := f.Varied(t.Context(), set, a, seed, further)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range data.Ways(made) {
			ways = append(ways, rowsOf(t, way))
		}
		return rowsOf(t, made), ways
	}
	plain, ways := vary(all, data.PhotoAugment(), 5, 2)
	rows, err := f.Of(t.Context(), all)
	if err != nil || !equal(plain, rowsOf(t, rows)) || len(ways) != 2 || equal(ways[0], ways[1]) || equal(ways[0], plain) {
		t.Fatalf("%d ways, %v", len(ways), err)
	}
	for i := range all.Len() { // by the public pieces that it is documented to be made of
		m, err := all.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		larger := f.maker.Prepare
		larger.Size = data.PhotoAugment().Side(8)
		changed := data.PhotoAugment().ApplyTo(larger.Of(m), 8, 5, number(m)+1)
		want, err := f.maker.Embed(append(slices.Clone(changed.Pixels), make([]float32, (atOnce-1)*8*8*3)...))
		if err != nil || !slices.Equal(ways[1][i], want[:6]) {
			t.Fatalf("picture %d in way 2: %v, want %v, %v", i, ways[1][i], want[:6], err)
		}
	}
	said.Reset()
	if _, again := vary(all, data.PhotoAugment(), 5, 2); !equal(again[0], ways[0]) || !equal(again[1], ways[1]) || said.Len() > 0 {
		t.Errorf("again: %q", said)
	}
	if _, more := vary(all, data.PhotoAugment(), 5, 3); !equal(more[0], ways[0]) || !equal(more[1], ways[1]) || equal(more[2], ways[1]) {
		t.Error("a third way changes the others")
	}
	for name, other := range map[string]struct {
		a    data.Augment
		seed uint64
	}{"seed": {data.PhotoAugment(), 6}, "augmentation": {data.DefaultAugment(), 5}} {
		if _, others := vary(all, other.a, other.seed, 1); equal(others[0], ways[0]) {
			t.Errorf("another %s gives the same", name)
		}
	}
	last := data.Subset(all, "last", func(class string) bool { return class == all.Classes()[2] })
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // made anew
	f, _ = front(t)
	if _, part := vary(last, data.PhotoAugment(), 5, 2); !equal(part[1], ways[1][8:]) {
		t.Error("in another set a picture has other ways")
	}
}

// A front that sees pictures in another way has features of its own, of sets and of pictures alike.
func TestSeen(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	f, _ := front(t)
	set, err := data.Glyphs(data.GlyphsConfig{Classes: 2, PerClass: 2, Size: 12})
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Image(1)
	if err != nil {
		t.Fatal(err)
	}
	var kept [][]float32
	for _, view := range append([]data.View{{}}, data.SmallViews()...) {
		rows, err := f.Seen(view).Of(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		one, err := f.Seen(view).Embed(m)
		if of := rowsOf(t, rows)[1]; err != nil || !slices.Equal(of, one[0].Pixels) {
			t.Errorf("%+v: of the set %v, of the picture %v, %v", view, of, one, err)
		} else if kept = append(kept, of); slices.ContainsFunc(kept[:len(kept)-1], func(other []float32) bool { return slices.Equal(of, other) }) {
			t.Errorf("%+v gives what another view does", view)
		}
	}
	if one, err := f.Embed(m); err != nil || !slices.Equal(one[0].Pixels, kept[0]) {
		t.Errorf("as it is: %v, seen by no change %v, %v", one, kept[0], err)
	}
	if strings.Contains(f.maker.Key, "seen") {
		t.Errorf("the key is now %s", f.maker.Key)
	}
}
