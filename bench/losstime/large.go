package losstime

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/unipair/unipair/bench/internal/memory"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
)

// largeSizes are the batches of [Large].
var largeSizes = []int{2048, 8192, 16384, 32768, 65536}

// largeContenders are those of [Large]: ours in blocks is the first, which the others are compared with; JAX in blocks is what one writes
// there when memory runs out.
var largeContenders = []contender{
	{"Unipair, streamed", ours, streamed},
	{"Unipair", ours, whole},
	{"JAX", "jax", "usual"},
	{"JAX, in blocks", "jax", "blocks"},
	{"PML", "torch", "library"},
}

// Large measures time and memory of a pair-wise loss up to batches whose N × N matrix does not fit. Each contender does each
// batch in a process of its own, started anew for every round, so that its memory is its own.
func Large(ctx context.Context, c Config) (results.Section, error) {
	section, rows, err := c.large(ctx, PairLosses[:1], largeSizes, func(task) []contender { return largeContenders })
	if err != nil {
		return results.Section{}, err
	}
	figure, err := curves(rows)
	if err != nil {
		return results.Section{}, err
	}
	section.Heading, section.Figure = "Large batches", figure
	return section, nil
}

// streamSizes are the batches of [Streams]: the largest that JAX can do at once.
var streamSizes = []int{32768}

// Streams measures as [Large] does, of one large batch, losses other than Circle that are sums of exponentials, and one after a miner,
// which sees whole rows. Beside ours is JAX, in blocks where the whole does not fit.
func Streams(ctx context.Context, c Config) (results.Section, error) {
	section, _, err := c.large(ctx, StreamLosses, streamSizes, func(t task) []contender {
		streamed, jax, inBlocks := largeContenders[0], largeContenders[2], largeContenders[3]
		if jax.skip(t, memory.Available()) != "" {
			jax = inBlocks
		}
		return []contender{streamed, jax}
	})
	section.Heading = "Streams of other losses"
	return section, err
}

// large measures losses and sizes that were asked for, or the usual, of each the contenders that it has.
func (c Config) large(ctx context.Context, names []string, sizes []int, of func(task) []contender) (results.Section, []Row, error) {
	tasks, err := c.batches(names, sizes)
	if err != nil {
		return results.Section{}, nil, err
	}
	var rows []Row
	versions := map[string]string{}
	for _, t := range tasks {
		r, err := c.alone(ctx, t, of(t), versions)
		if err != nil {
			return results.Section{}, nil, err
		}
		rows = append(rows, r)
	}
	text := fmt.Sprintf("Value and gradient in float32, d = %d, %d rows a class; each in a process of its own. Memory is the most that the "+
		"process took beyond what it had before the batch, inputs and gradient included. Above %d rows each does the batch once. A first call "+
		"of more than %d s is itself the time, compilation included. Values and gradients agree to %g.\n\n",
		dim, perClass, onceBeyond, compilesInNoTime, tolerance) + largeTable(rows) + "\n" + skips(rows, func(r Row) int { return r.Rows })
	return results.Section{Versions: []string{versions[ours], versions["jax"], versions["torch"]}, Rows: rows, Table: text}, rows, nil
}

// onceBeyond is the number of rows above which a batch, which takes minutes, is done once.
const onceBeyond = 8192

// largeRounds returns how often a batch is done.
func largeRounds(n, most int) int {
	if n > onceBeyond {
		return 1
	}
	return min(2, most)
}

// alone has each contender do a task in its own process, in rounds.
func (c Config) alone(ctx context.Context, t task, contenders []contender, versions map[string]string) (Row, error) {
	outcomes := make([]outcome, len(contenders))
	var value float64
	var gradient []float32
	rounds := largeRounds(t.rows, c.Length.Rounds)
	for round := range rounds {
		for i, contender := range contenders {
			o := &outcomes[i]
			o.contender = contender
			if o.skipped == "" {
				o.skipped = contender.skip(t, memory.Available())
			}
			if o.skipped != "" {
				continue
			}
			c.Progress(fmt.Sprintf("%s: %s, round %d of %d", t, contender.Name, round+1, rounds))
			made, numbers, err := c.one(ctx, t, o, versions)
			if err != nil {
				return Row{}, fmt.Errorf("%s: %w", contender.Name, err)
			}
			if i == 0 {
				value, gradient = made.Value, numbers
			} else if err := agree(made.Value, value, numbers, gradient); err != nil {
				return Row{}, fmt.Errorf("bench: %s: %s differs from Unipair: %w", t, contender.Name, err)
			}
		}
	}
	return row(t, outcomes), nil
}

// compilesInNoTime says how many seconds a first call takes of which compilation is no part worth a second call.
const compilesInNoTime = 60

// one starts a process, has it do a task, and notes time and memory.
func (c Config) one(ctx context.Context, t task, o *outcome, versions map[string]string) (made reply, gradient []float32, err error) {
	f, err := open(ctx, c.start, o.process)
	if err != nil {
		return reply{}, nil, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	versions[o.process] = f.versions[o.process]
	if err := f.load(t); err != nil {
		return reply{}, nil, err
	}
	if made, gradient, err = f.make(t, o.contender); err != nil {
		return reply{}, nil, err
	}
	o.first = made.Seconds
	taken := [][]turns.Turn{{{Wall: made.Seconds, CPU: made.CPU}}}
	if made.Seconds < compilesInNoTime {
		taken, err = turns.Run(ctx, []turns.Contender{runner{f.processes[o.process], request{Op: "time", Contender: o.word, Loss: t.loss}}},
			turns.Length{Rounds: 1, Turn: c.Length.Turn, Slow: c.Length.Slow})
		if err != nil {
			return reply{}, nil, err
		}
	}
	o.turns = append(o.turns, taken[0]...)
	var peak reply
	if err := f.processes[o.process].Ask(request{Op: "peak"}, &peak); err != nil {
		return reply{}, nil, err
	}
	o.peak = max(o.peak, peak.Bytes-f.baseline[o.process])
	return made, gradient, nil
}

// largeTable returns a line per batch and contender that did it.
func largeTable(rows []Row) string {
	var text strings.Builder
	fmt.Fprintf(&text, "| loss | N | | seconds | %s ÷ it | processors' time | memory, MiB | first, s |\n|---|---|---|---|---|---|---|---|\n",
		rows[0].Contenders[0].Name)
	for _, r := range rows {
		for _, c := range r.Contenders {
			if c.Skipped == "" {
				fmt.Fprintf(&text, "| %s | %d | %s | %s | %s | %s | %.0f | %.1f |\n", r.Loss, r.Rows, c.Name, short(c.Wall.Median), spread(c.Ratio, 1),
					spread(c.CPURatio, 1), float64(c.Peak)/(1<<20), c.First)
			}
		}
	}
	return text.String()
}
