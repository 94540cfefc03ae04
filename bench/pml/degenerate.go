package pml

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/hardbatches"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/pkg/losses"
)

// answer holds what the library gave for a batch.
type answer struct {
	value     float64
	gradients [][]float64 // empty ones are not finite
	finite    bool
	largest   float64 // of all gradients
	failure   string
}

// exploded is a gradient that ends a training.
const exploded = 1e9

// tally counts what happens on one side.
type tally struct{ notFinite, raised, large int }

// note counts an outcome and returns what the table says of it: nothing, if all is well.
func (t *tally) note(failed, finite bool, largest float64) string {
	switch {
	case failed:
		t.raised++
		return " (raises)"
	case !finite:
		t.notFinite++
		return " (not finite)"
	case largest > exploded:
		t.large++
		return fmt.Sprintf(" (%.0e)", largest)
	}
	return ""
}

func theirs(peer *peers.Peer, name string) (answer, error) {
	var raw struct {
		Value     string
		Finite    bool
		Largest   string
		Gradients [][]float64
	}
	err := peer.Ask(map[string]any{"op": "value", "loss": name}, &raw)
	var failure peers.Failure
	if errors.As(err, &failure) {
		return answer{failure: failure.Reason}, nil
	}
	if err != nil {
		return answer{}, err
	}
	a := answer{gradients: raw.Gradients, finite: raw.Finite}
	a.largest, _ = strconv.ParseFloat(raw.Largest, 64)
	a.value, _ = strconv.ParseFloat(raw.Value, 64) // NaN and infinities included
	return a, nil
}

// Degenerate runs every loss on every degenerate batch, on both sides.
func Degenerate(ctx context.Context, c Config) (results.Section, error) {
	return c.measure(ctx, "Degenerate batches", c.count)
}

// outcome is a line of the table: what happens to a loss on which batches.
type outcome struct {
	Loss  string   `json:"loss"`
	Here  []string `json:"here"`
	There []string `json:"there"`
}

func (c Config) count(ctx context.Context, b beside) (table, version string, rows any, err error) {
	batches := cases()
	var here, there tally
	var lines strings.Builder
	var all []outcome
	total := 0
	for _, entry := range b.shared {
		if err := ctx.Err(); err != nil {
			return "", "", nil, err
		}
		c.Progress(entry.Name)
		mine, them := []string{}, []string{}
		for _, name := range slices.Sorted(maps.Keys(batches)) {
			in := batches[name]
			if !fits(entry, in, name) {
				continue
			}
			var kept struct{ Version string }
			if err := b.peer.Ask(question("batch", in), &kept); err != nil {
				return "", "", nil, err
			}
			version = kept.Version
			want, err := theirs(b.peer, entry.Name)
			if err != nil {
				return "", "", nil, err
			}
			got, failure := once(b.device, entry, in)
			if failure != nil { // counts as an exception does there
				c.Progress(fmt.Sprintf("%s, %s: %v", entry.Name, name, failure))
			}
			total++
			if said := here.note(failure != nil, got.finite, got.largest); said != "" {
				mine = append(mine, name+said)
			}
			if said := there.note(want.failure != "", want.finite, want.largest); said != "" {
				them = append(them, name+said)
			}
		}
		all = append(all, outcome{entry.Name, mine, them})
		fmt.Fprintf(&lines, "| %s | %s | %s |\n", entry.Name, dash(mine), dash(them))
	}
	return countText(total, here, there, b.rest) + lines.String(), version, all, nil
}

// countText returns what stands above the table.
func countText(total int, here, there tally, rest []string) string {
	text := fmt.Sprintf("Of %d pairs of a loss and a batch in float32, a value or gradient is NaN or infinite, or an exception is raised, for **%d here** "+
		"and **%d there** (%d and %d).\n", total, here.notFinite+here.raised, there.notFinite+there.raised, there.notFinite, there.raised)
	text += fmt.Sprintf("A finite gradient is above %.0e for %d here and %d there. Mostly embeddings or class weights of length 0, or below 1e-12, "+
		"were divided by 1e-12. VICReg on far-apart is the formula itself: its gradient grows with the cube of the length.\n", exploded, here.large, there.large)
	if len(rest) > 0 {
		text += "Not in the library: " + strings.Join(rest, ", ") + ".\n"
	}
	return text + "\n| loss | Unipair | pytorch-metric-learning |\n|---|---|---|\n"
}

func dash(names []string) string { return cmp.Or(strings.Join(names, ", "), "–") }

// once computes a loss of a batch. An N-pair loss compares all rows: which are the first two of a class depends on the batch.
func once(device compute.Backend, entry losses.Entry, in batch) (result, error) {
	c := counterparts()[entry.Name]
	if c.pairs == firstTwo {
		c.pairs = withItself
	}
	o, err := newOurs(device, entry, c, in)
	if err != nil {
		return result{}, err
	}
	defer o.exec.Finalize()
	return o.value()
}

const (
	alone      = "batch of one"
	zeroWeight = "zero class weight"
)

// cases returns the batches of the contract of pkg/losses, with a batch of one. There a class weight is 0 in every batch; here it is a
// case of its own, lest each of the others count it again.
func cases() map[string]batch {
	all := map[string]batch{}
	for name, from := range hardbatches.All() {
		all[name] = shaped(from)
	}
	all[zeroWeight] = all["ordinary"]
	for name, in := range all {
		if name != zeroWeight {
			in.Weights = slices.Clone(in.Weights)
			for i, w := range in.Weights {
				if !slices.ContainsFunc(w, func(x float32) bool { return x != 0 }) {
					in.Weights[i] = []float32{0.6, -0.8, 0}
				}
			}
			all[name] = in
		}
	}
	one := all["ordinary"]
	one.Labels, one.Embeddings = one.Labels[:1], one.Embeddings[:1]
	all[alone] = one
	return all
}

// fits tells whether a batch is one for a loss. Pair losses have no class weights, two views need two rows, and a label without a class
// weight is refused by name.
func fits(entry losses.Entry, in batch, name string) bool {
	if entry.Labels == losses.ClassLabels {
		return slices.Max(in.Labels) < int32(in.Classes)
	}
	return name != zeroWeight && (counterparts()[entry.Name].pairs != halves || len(in.Labels) > 1)
}

// shaped returns a degenerate batch as both sides take it, with class weights for the most centers.
func shaped(from hardbatches.Batch) batch {
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
