package angles

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/pkg/data"
)

// Set is drawings as rows of pixels.
type Set struct {
	Pixels [][]float32 // [drawings, side²] of ink in [0, 1]
	Labels []int32
}

// Drawings are a few characters, each by 20 people: 15 of them to learn from and 5 to be tested with.
type Drawings struct {
	Learn, Test Set
	Names       []string
}

const (
	side     = 16 // pixels
	learners = 15 // of the 20 drawings of a character
	copies   = 8  // of each drawing to learn from: itself, and distorted
)

// Characters returns the first characters of an alphabet of Omniglot's background set small 1. The drawings to learn from come
// with distorted copies, the same each time.
func Characters(alphabet string, classes int) (Drawings, error) {
	background, err := data.OmniglotSmall1(context.Background(), data.Options{})
	if err != nil {
		return Drawings{}, err
	}
	characters := data.Subset(background, alphabet, data.Alphabets(alphabet))
	if len(characters.Classes()) < classes || classes < 2 {
		return Drawings{}, fmt.Errorf("angles: %s has %d characters, want between 2 and that, got %d",
			alphabet, len(characters.Classes()), classes)
	}
	d := Drawings{Names: characters.Classes()[:classes]}
	seen := map[int]int{}
	for i := range characters.Len() {
		label := characters.Label(i)
		if label >= classes {
			continue
		}
		image, err := characters.Image(i)
		if err != nil {
			return Drawings{}, fmt.Errorf("angles: %w", err)
		}
		image = image.Inverted() // ink is 1, and the paper that distortion brings in 0
		if seen[label]++; seen[label] > learners {
			d.Test.add(label, image)
			continue
		}
		d.Learn.add(label, image)
		for copied := range copies - 1 {
			d.Learn.add(label, data.DefaultAugment().Apply(image, 1, uint64(i*copies+copied)))
		}
	}
	return d, nil
}

func (s *Set) add(label int, image data.Image) {
	s.Pixels = append(s.Pixels, data.Resize(image, side).Pixels)
	s.Labels = append(s.Labels, int32(label))
}
