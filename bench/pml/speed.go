package pml

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/losses"
)

const (
	dim      = 128
	perClass = 4
)

// timing is a loss at a batch size.
type timing struct {
	Name      string       `json:"loss"`
	Rows      int          `json:"rows"`
	Ours      turns.Spread `json:"ours_seconds"`
	Theirs    turns.Spread `json:"theirs_seconds"`
	Ratio     turns.Spread `json:"ratio"` // ours ÷ theirs
	Agreement string       `json:"agreement"`
}

// Speed times every loss in turns with the library's.
func Speed(ctx context.Context, c Config) (results.Section, error) {
	return c.measure(ctx, "Speed of the losses", c.time)
}

func (c Config) time(ctx context.Context, b beside) (table, version string, rows any, err error) {
	var all []timing
	for _, n := range []int{128, 512} {
		in := randomBatch(n)
		var kept struct{ Version string }
		if err := b.peer.Ask(question("batch", in), &kept); err != nil {
			return "", "", nil, err
		}
		version = kept.Version
		for _, entry := range b.shared {
			c.Progress(fmt.Sprintf("%s, %d rows", entry.Name, n))
			t, err := b.timeLoss(ctx, entry, counterparts()[entry.Name], in, c.Length)
			if err != nil {
				return "", "", nil, fmt.Errorf("%s: %w", entry.Name, err)
			}
			all = append(all, t)
		}
	}
	return speedTable(all, b.rest), version, all, nil
}

// timeLoss compares values first, and then times both in turns.
func (b beside) timeLoss(ctx context.Context, entry losses.Entry, c counterpart, in batch, length turns.Length) (timing, error) {
	t := timing{Name: entry.Name, Rows: len(in.Labels)}
	mine, err := newOurs(b.device, entry, c, in)
	if err != nil {
		return t, err
	}
	defer mine.exec.Finalize()
	got, err := mine.value() // compiles
	if err != nil {
		return t, err
	}
	want, err := theirs(b.peer, entry.Name)
	if err != nil {
		return t, err
	}
	if t.Agreement, err = compare(got, want, c.differs); err != nil {
		return t, err
	}
	taken, err := turns.Run(ctx, []turns.Contender{mine, timed{b.peer, entry.Name}}, length)
	if err != nil {
		return t, err
	}
	t.Ours, t.Theirs, t.Ratio = turns.Walls(taken[0]), turns.Walls(taken[1]), turns.Ratio(taken[0], taken[1])
	return t, nil
}

// timed is a loss of the library.
type timed struct {
	peer *peers.Peer
	name string
}

// Take implements [turns.Contender].
func (t timed) Take(runs int) (turns.Turn, error) {
	var answer struct{ Seconds float64 }
	err := t.peer.Ask(map[string]any{"op": "time", "loss": t.name, "runs": runs}, &answer)
	return turns.Turn{Wall: answer.Seconds / float64(runs)}, err
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
	for range in.Classes * 10 { // SoftTriple has ten centers per class
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

// speedTable returns a line per loss, the slowest beside the library first.
func speedTable(all []timing, rest []string) string {
	slices.SortStableFunc(all, func(a, b timing) int { return cmp.Compare(b.Ratio.Median, a.Ratio.Median) })
	slower := []string{}
	for _, t := range all {
		if t.Ratio.Median > 1 {
			slower = append(slower, fmt.Sprintf("%s at %d", t.Name, t.Rows))
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
		fmt.Fprintf(&text, "| %s | %d | %s | %s | %s | %s |\n", t.Name, t.Rows, t.Ours.Times(1000), t.Theirs.Times(1000),
			quotient(t.Ratio.Median), t.Agreement)
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
