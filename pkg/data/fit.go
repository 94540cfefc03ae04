package data

import (
	"fmt"
	"slices"

	"github.com/unipair/unipair/internal/suggest"
)

// Fit tells how a picture is made square.
type Fit string

// The ways to make a picture square, before it is resized.
const (
	FitSqueeze Fit = ""     // as a whole, its sides scaled each by itself
	FitCrop    Fit = "crop" // the square in its middle, what is usual for photographs of CUB, Cars and Online Products
	FitPad     Fit = "pad"  // as a whole, with 0 (paper, or black) on both sides
)

// Validate returns an error that says which fits there are.
func (f Fit) Validate() error {
	known := []string{"", string(FitCrop), string(FitPad)}
	if !slices.Contains(known, string(f)) {
		return fmt.Errorf("data: unknown way %q to make a picture square, empty is to squeeze it: %s", f, suggest.For(string(f), known[1:]))
	}
	return nil
}

// Square returns the picture made square; where there is nothing to do, the picture itself.
func (f Fit) Square(m Image) Image {
	if m.Width == m.Height || f == FitSqueeze {
		return m
	}
	side := max(m.Width, m.Height)
	if f == FitCrop {
		side = min(m.Width, m.Height)
	}
	// Where the square begins in the picture; negative where it reaches beyond it.
	left, top := (m.Width-side)/2, (m.Height-side)/2
	channels := m.Channels()
	out := Image{side, side, make([]float32, side*side*channels)}
	from, to := max(left, 0), min(left+side, m.Width)
	for y := max(top, 0); y < min(top+side, m.Height); y++ {
		copy(out.Pixels[((y-top)*side+from-left)*channels:], m.Pixels[(y*m.Width+from)*channels:(y*m.Width+to)*channels])
	}
	return out
}
