package train_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// An image has the same embedding, to the bit, wherever it stands among others: sets and folders have their images in different orders.
func TestAnEmbeddingIsTheSameInEveryPlace(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, n := range []train.Network{
			{Size: 16, Width: 4, Dim: 8}, {Size: 20, Width: 5, Dim: 7, Channels: 3},
			{Architecture: train.ArchitectureLinear, Features: 10, Dim: 8}, {Architecture: train.ArchitectureMLP, Features: 100, Width: 30, Dim: 16},
		} {
			e, err := train.NewEmbedder(b, n, 1)
			if err != nil {
				t.Fatal(err)
			}
			m := data.Image{Width: 100, Height: 1, Pixels: make([]float32, max(n.Features, 10*10*max(1, n.Channels)))}
			if n.Features == 0 {
				m.Width, m.Height = 10, 10
			} else {
				m.Width = n.Features
				m.Pixels = m.Pixels[:n.Features]
			}
			random := rand.New(rand.NewPCG(1, 2))
			for i := range m.Pixels {
				m.Pixels[i] = random.Float32()
			}
			rows, err := e.Embed(slices.Repeat([]data.Image{m}, 150)...)
			if err != nil {
				t.Fatal(err)
			}
			for i := range len(rows) / n.Dim {
				if !slices.Equal(rows[i*n.Dim:(i+1)*n.Dim], rows[:n.Dim]) {
					t.Errorf("%+v: other bits as image %d than as the first", n, i)
				}
			}
		}
	})
}
