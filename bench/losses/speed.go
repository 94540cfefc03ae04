package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/peers"
	"github.com/unipair/unipair/pkg/losses"
)

const (
	dim      = 128
	perClass = 4
	rounds   = 7
	turn     = 0.25 // seconds of a turn, at least one run
)

// timing is a loss at a batch size.
type timing struct {
	name       string
	rows       int
	ours, them []float64 // milliseconds of a run, by round
	agreement  string
}

func (t timing) ratio() float64 { return median(t.ours) / median(t.them) }

// speed times every loss in turns with the library's.
func speed(device compute.Backend, peer *peers.Peer, only string) (table, version string, err error) {
	var all []timing
	for _, rows := range []int{128, 512} {
		in := randomBatch(rows)
		var kept struct{ Version string }
		if err := peer.Ask(question("batch", in), &kept); err != nil {
			return "", "", err
		}
		version = kept.Version
		for _, entry := range losses.Catalogue() {
			c, both := counterparts()[entry.Name]
			if !both || only != "" && entry.Name != only {
				continue
			}
			fmt.Fprintf(os.Stderr, "%d × %d %s\n", rows, dim, entry.Name)
			t, err := timeLoss(device, peer, entry, c, in)
			if err != nil {
				return "", "", fmt.Errorf("%s: %w", entry.Name, err)
			}
			all = append(all, t)
		}
	}
	return speedTable(all), version, nil
}

// timeLoss compares values first, and then times both in turns.
func timeLoss(device compute.Backend, peer *peers.Peer, entry losses.Entry, c counterpart, in batch) (timing, error) {
	t := timing{name: entry.Name, rows: len(in.Labels)}
	mine, err := newOurs(device, entry, c, in)
	if err != nil {
		return t, err
	}
	defer mine.exec.Finalize()
	if t.agreement, err = compare(mine, peer, entry.Name, c); err != nil {
		return t, err
	}
	runs := [2]int{1, 1}
	if _, err := mine.time(1); err != nil { // compiles
		return t, err
	}
	for round := range rounds + 1 {
		seconds, err := mine.time(runs[0])
		if err != nil {
			return t, err
		}
		var answer struct{ Seconds float64 }
		if err := peer.Ask(map[string]any{"op": "time", "loss": entry.Name, "runs": runs[1]}, &answer); err != nil {
			return t, err
		}
		if round > 0 { // the first says how many runs fill a turn
			t.ours = append(t.ours, 1000*seconds/float64(runs[0]))
			t.them = append(t.them, 1000*answer.Seconds/float64(runs[1]))
			if answer.Seconds > 10*turn && round > 1 {
				break
			}
			continue
		}
		for i, s := range []float64{seconds, answer.Seconds} {
			runs[i] = max(1, int(turn/s))
		}
	}
	return t, nil
}

// compare fails unless value and gradient agree, or the table says why they do not.
func compare(mine *ours, peer *peers.Peer, name string, c counterpart) (string, error) {
	if c.differs != "" {
		return c.differs, nil
	}
	got, err := mine.value()
	if err != nil {
		return "", err
	}
	want, err := theirs(peer, name)
	if err != nil {
		return "", err
	}
	if want.failure != "" {
		return "", fmt.Errorf("the peer failed: %s", want.failure)
	}
	if math.Abs(got.value-want.value) > 1e-4*(1+math.Abs(want.value)) {
		return "", fmt.Errorf("value %g, the peer's %g", got.value, want.value)
	}
	worst, largest := 0.0, 0.0
	for i, x := range want.gradient {
		worst, largest = max(worst, math.Abs(x-float64(got.gradient[i]))), max(largest, math.Abs(x))
	}
	if worst > 2e-3*largest {
		return "", fmt.Errorf("gradients differ by %g of %g", worst, largest)
	}
	return "the same", nil
}

// randomBatch has classes of four rows, of length 1 so that losses that normalise and those that do not agree.
func randomBatch(rows int) batch {
	random := rand.New(rand.NewPCG(uint64(rows), 0))
	in := batch{Classes: rows / perClass}
	vector := func() []float32 {
		v, length := make([]float32, dim), 0.0
		for i := range v {
			v[i] = float32(random.NormFloat64())
			length += float64(v[i]) * float64(v[i])
		}
		for i := range v {
			v[i] /= float32(math.Sqrt(length))
		}
		return v
	}
	for i := range rows {
		in.Labels = append(in.Labels, int32(i/perClass))
		in.Embeddings = append(in.Embeddings, vector())
	}
	for range in.Classes * 10 { // SoftTriple has ten centers a class
		in.Weights = append(in.Weights, vector())
	}
	return in
}

func question(op string, in batch) any {
	return struct {
		Op string `json:"op"`
		batch
	}{op, in}
}

// speedTable has a line a loss, the slowest beside the library first.
func speedTable(all []timing) string {
	slices.SortStableFunc(all, func(a, b timing) int {
		return int(math.Copysign(1, b.ratio()-a.ratio()))
	})
	var text strings.Builder
	text.WriteString("Value and gradient in float32, d = 128, 4 rows a class, inputs and outputs on the device; medians of turns taken in turn, " +
		"least and most in brackets.\nAs many classes as the batch has for class-level losses.\n\n" +
		"| loss | N | Unipair, ms | pytorch-metric-learning, ms | ours ÷ theirs | value and gradient |\n|---|---|---|---|---|---|\n")
	for _, t := range all {
		fmt.Fprintf(&text, "| %s | %d | %s | %s | %.2f | %s |\n", t.name, t.rows, spread(t.ours), spread(t.them), t.ratio(), t.agreement)
	}
	return text.String()
}

func spread(values []float64) string {
	return fmt.Sprintf("%.2f (%.2f – %.2f)", median(values), slices.Min(values), slices.Max(values))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
