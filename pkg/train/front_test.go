package train_test

import (
	"context"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// halves is a front that gives the sums of the upper and the lower half of a picture that is seen in a way.
type halves struct{ way data.View }

func (h halves) Seen(way data.View) train.Front { return halves{way} }

func (h halves) Embed(pictures ...data.Image) (rows []data.Image, err error) {
	for _, m := range pictures {
		m, row := h.way.Apply(m), data.Image{Width: 2, Height: 1, Pixels: make([]float32, 2)}
		for i, x := range m.Pixels {
			row.Pixels[i*2/len(m.Pixels)] += x
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (h halves) Of(_ context.Context, set data.Dataset) (data.Dataset, error) {
	return halved{set, h}, nil
}

type halved struct {
	data.Dataset
	front halves
}

func (h halved) Format() data.Format { return data.Format{Channels: 1, Features: 2} }

func (h halved) Image(i int) (data.Image, error) {
	m, err := h.Dataset.Image(i)
	if err != nil {
		return m, err
	}
	rows, err := h.front.Embed(m)
	return rows[0], err
}

// Views go through the network before a head, and their unit vectors are summed behind it.
func TestViewsThroughAFront(t *testing.T) {
	n := train.Network{Architecture: train.ArchitectureLinear, Features: 2, Dim: 3}
	e, err := train.NewEmbedder(backendtest.Go(t), n, 5)
	if err != nil {
		t.Fatal(err)
	}
	image, err := bars.Image(3)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 3)
	for _, view := range append(data.SmallViews(), data.View{}) {
		rows, _ := halves{view}.Embed(image)
		row, err := e.Embed(rows...)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range row {
			want[i] += x
		}
	}
	e.Front, e.Views = halves{}, data.SmallViews()
	got, err := e.Embed(image)
	if err != nil || !near(got, unit(want)) {
		t.Errorf("%v, %v, want %v", got, err, unit(want))
	}
	set, err := e.EmbedSet(bars)
	if err != nil || set.Len() != bars.Len() || !near(set.Embeddings[9:12], got) || set.Labels[3] != int32(bars.Label(3)) {
		t.Errorf("of the set: %v, %v, want %v", set.Embeddings[9:12], err, got)
	}
}
