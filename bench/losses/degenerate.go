package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/peers"
	"github.com/unipair/unipair/internal/degenerate"
	"github.com/unipair/unipair/pkg/losses"
)

// answer is what the library gave for a batch.
type answer struct {
	value     float64
	gradients [][]float64
	finite    bool
	largest   float64 // of all gradients
	failure   string
}

// exploded is a gradient that no formula gives on these batches: a length of 1e-12 was divided by.
const exploded = 1e9

func theirs(peer *peers.Peer, name string) (answer, error) {
	var raw struct {
		Value     string
		Finite    bool
		Largest   string
		Gradients [][]float64
		Error     string
	}
	if err := peer.Ask(map[string]any{"op": "value", "loss": name}, &raw); err != nil {
		return answer{}, err
	}
	a := answer{gradients: raw.Gradients, finite: raw.Finite, failure: raw.Error}
	a.largest, _ = strconv.ParseFloat(raw.Largest, 64)
	a.value, _ = strconv.ParseFloat(raw.Value, 64) // NaN and infinities included; 0 beside an error
	return a, nil
}

// count runs every loss on every degenerate batch, on both sides.
func count(device compute.Backend, peer *peers.Peer, only string) (table, version string, err error) {
	var text strings.Builder
	cases := degenerate.Batches()
	names := []string{}
	for name := range cases {
		names = append(names, name)
	}
	slices.Sort(names)
	total, ours, them, raised, ourLarge, theirLarge := 0, 0, 0, 0, 0, 0
	text.WriteString("| loss | Unipair | pytorch-metric-learning |\n|---|---|---|\n")
	for _, entry := range losses.Catalogue() {
		c, both := counterparts()[entry.Name]
		if !both || only != "" && entry.Name != only {
			continue
		}
		fmt.Fprintln(os.Stderr, entry.Name)
		mine, failed := []string{}, []string{}
		for _, name := range names {
			in := shaped(cases[name])
			if entry.Labels == losses.ClassLabels && slices.Max(in.Labels) >= int32(in.Classes) {
				continue // refused here by name; no class to take there
			}
			var kept struct{ Version string }
			if err := peer.Ask(question("batch", in), &kept); err != nil {
				return "", "", err
			}
			version = kept.Version
			want, err := theirs(peer, entry.Name)
			if err != nil {
				return "", "", err
			}
			if c.pairs == firstTwo {
				c.pairs = withItself
			}
			o, err := newOurs(device, entry, c, in)
			if err != nil {
				return "", "", err
			}
			got, err := o.value()
			o.exec.Finalize()
			if err != nil {
				return "", "", err
			}
			total++
			if !got.finite {
				ours++
				mine = append(mine, name)
			}
			if want.failure != "" {
				raised++
				failed = append(failed, name+" (raises)")
			} else if !want.finite {
				them++
				failed = append(failed, name)
			} else if want.largest > exploded {
				theirLarge++
			}
			if got.largest > exploded {
				ourLarge++
			}
		}
		if len(mine)+len(failed) > 0 {
			fmt.Fprintf(&text, "| %s | %s | %s |\n", entry.Name, strings.Join(mine, ", "), strings.Join(failed, ", "))
		}
	}
	summary := fmt.Sprintf("Of %d pairs of a loss and a batch, float32, value or gradient is not finite for **%d here**, and **%d there**, where %d more raise "+
		"an exception (P2SGrad on every batch, since one class weight is 0). A finite gradient is above 1e9 for %d here and %d there. "+
		"Losses without any that is not finite are left out.\n\n", total, ours, them, raised, ourLarge, theirLarge)
	return summary + text.String(), version, nil
}

// shaped is a degenerate batch as both sides take it, with class weights for the most centers.
func shaped(from degenerate.Batch) batch {
	in := batch{Labels: from.Labels, Embeddings: narrow(from.Embeddings), Classes: len(from.Weights)}
	weights := narrow(from.Weights)
	for range 10 {
		in.Weights = append(in.Weights, weights...)
	}
	return in
}

func narrow(rows [][]float64) [][]float32 {
	var out [][]float32
	for _, row := range rows {
		var numbers []float32
		for _, x := range row {
			numbers = append(numbers, float32(x))
		}
		out = append(out, numbers)
	}
	return out
}
