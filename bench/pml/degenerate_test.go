package pml

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/hardbatches"
	"github.com/unipair/unipair/pkg/losses"
)

// Only one case has a class weight of 0, and the contract's batches are all there.
func TestCases(t *testing.T) {
	all := cases()
	if got, want := len(all), len(hardbatches.All())+2; got != want {
		t.Errorf("%d cases, want %d", got, want)
	}
	for name, in := range all {
		zero := slices.ContainsFunc(in.Weights, func(w []float32) bool { return !slices.ContainsFunc(w, func(x float32) bool { return x != 0 }) })
		if zero != (name == zeroWeight) {
			t.Errorf("%s: a class weight of 0 is %t", name, zero)
		}
		if len(in.Labels) != len(in.Embeddings) || len(in.Weights) != 10*in.Classes {
			t.Errorf("%s: %d labels, %d embeddings, %d weights", name, len(in.Labels), len(in.Embeddings), len(in.Weights))
		}
	}
	if got := len(all[alone].Labels); got != 1 {
		t.Errorf("%s has %d rows", alone, got)
	}
}

// A case is left out only where it is none of the loss's.
func TestFits(t *testing.T) {
	all := cases()
	left := map[string]int{}
	for _, name := range []string{"circle", "vicreg", "arcface"} {
		entry, err := losses.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for what, in := range all {
			if !fits(entry, in, what) {
				left[name+", "+what]++
			}
		}
	}
	for _, want := range []string{"circle, " + zeroWeight, "vicreg, " + zeroWeight, "vicreg, " + alone, "arcface, labels to 2^31"} {
		if left[want] != 1 {
			t.Errorf("%s is not left out", want)
		}
		delete(left, want)
	}
	if len(left) > 0 {
		t.Errorf("left out too: %v", left)
	}
}

// An outcome is counted once, the worst first, and nothing is said of a good one.
func TestTally(t *testing.T) {
	var got tally
	said := []string{
		got.note(true, false, 0), got.note(false, false, math.NaN()), got.note(false, false, 1e12), got.note(false, true, 2e12),
		got.note(false, true, 1e8),
	}
	if want := []string{" (raises)", " (not finite)", " (not finite)", " (2e+12)", ""}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	if want := (tally{notFinite: 2, raised: 1, large: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	text := countText(9, tally{}, got, []string{"siglip"})
	for _, want := range []string{"Of 9 pairs", "**0 here** and **3 there** (2 and 1)", "for 0 here and 1 there", "Not in the library: siglip."} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
