package main

import (
	"cmp"
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
	dim        = 128
	perClass   = 4
	rounds     = 7
	slowRounds = 3    // of a loss that takes the library seconds
	turn       = 0.25 // seconds of a turn, at least one run
)

// timing is a loss at a batch size.
type timing struct {
	name       string
	rows       int
	ours, them []float64 // milliseconds of a run, by round
	agreement  string
}

// ratio is taken within a round, so that whatever else the machine does hits both.
func (t timing) ratio() float64 {
	var ratios []float64
	for round := range t.ours {
		ratios = append(ratios, t.ours[round]/t.them[round])
	}
	return median(ratios)
}

// speed times every loss in turns with the library's.
func speed(device compute.Backend, peer *peers.Peer, only string) (table, version string, err error) {
	shared, rest, err := both(only)
	if err != nil {
		return "", "", err
	}
	var all []timing
	for _, rows := range []int{128, 512} {
		in := randomBatch(rows)
		var kept struct{ Version string }
		if err := peer.Ask(question("batch", in), &kept); err != nil {
			return "", "", err
		}
		version = kept.Version
		for _, entry := range shared {
			fmt.Fprintf(os.Stderr, "%d × %d %s\n", rows, dim, entry.Name)
			t, err := timeLoss(device, peer, entry, counterparts()[entry.Name], in)
			if err != nil {
				return "", "", fmt.Errorf("%s: %w", entry.Name, err)
			}
			all = append(all, t)
		}
	}
	return speedTable(all, rest), version, nil
}

// timeLoss compares values first, and then times both in turns.
func timeLoss(device compute.Backend, peer *peers.Peer, entry losses.Entry, c counterpart, in batch) (timing, error) {
	t := timing{name: entry.Name, rows: len(in.Labels)}
	mine, err := newOurs(device, entry, c, in)
	if err != nil {
		return t, err
	}
	defer mine.exec.Finalize()
	got, err := mine.value()
	if err != nil {
		return t, err
	}
	want, err := theirs(peer, entry.Name)
	if err != nil {
		return t, err
	}
	if t.agreement, err = compare(got, want, c.differs); err != nil {
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
		slow := answer.Seconds > 10*turn
		if round > 0 || slow { // the first says how many runs fill a turn; a slow one is warm by then, and counts
			t.ours = append(t.ours, 1000*seconds/float64(runs[0]))
			t.them = append(t.them, 1000*answer.Seconds/float64(runs[1]))
		}
		if slow && len(t.them) >= slowRounds {
			break
		}
		if round > 0 {
			continue
		}
		for i, s := range []float64{seconds, answer.Seconds} {
			runs[i] = max(1, int(turn/s))
		}
	}
	return t, nil
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
func speedTable(all []timing, rest []string) string {
	slices.SortStableFunc(all, func(a, b timing) int { return cmp.Compare(b.ratio(), a.ratio()) })
	slower := []string{}
	for _, t := range all {
		if t.ratio() > 1 {
			slower = append(slower, fmt.Sprintf("%s at %d", t.name, t.rows))
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Value and gradients in float32, d = %d, %d rows a class, inputs and outputs on the device; medians of turns taken in turn, "+
		"least and most in brackets, ratios within a round.\nAs many classes as the batch has for class-level losses. \"The same\" is "+
		"to %g of 1 + the value and of the largest number of each gradient, checked before.\n\n", dim, perClass, tolerance)
	fmt.Fprintf(&text, "Slower than the library: %d of %d%s.\n", len(slower), len(all), listed(slower))
	if len(rest) > 0 {
		fmt.Fprintf(&text, "Not in the library: %s.\n", strings.Join(rest, ", "))
	}
	text.WriteString("\n| loss | N | Unipair, ms | pytorch-metric-learning, ms | ours ÷ theirs | value and gradients |\n|---|---|---|---|---|---|\n")
	for _, t := range all {
		fmt.Fprintf(&text, "| %s | %d | %s | %s | %s | %s |\n", t.name, t.rows, spread(t.ours), spread(t.them), quotient(t.ratio()), t.agreement)
	}
	return text.String()
}

// quotient has two decimals, and two digits where those would be 0.
func quotient(x float64) string {
	if x < 0.1 {
		return fmt.Sprintf("%.2g", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// listed puts names behind a colon, or nothing where there are none.
func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

func spread(values []float64) string {
	return fmt.Sprintf("%.2f (%.2f – %.2f)", median(values), slices.Min(values), slices.Max(values))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
