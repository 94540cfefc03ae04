package turns_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/turns"
)

// runner takes a fixed time a run and notes its turns.
type runner struct {
	name string
	wall float64
	log  *[]string
	runs []int
	fail error
}

func (r *runner) Take(runs int) (turns.Turn, error) {
	*r.log = append(*r.log, r.name)
	r.runs = append(r.runs, runs)
	return turns.Turn{Wall: r.wall, CPU: 2 * r.wall}, r.fail
}

var length = turns.Length{Rounds: 4, Turn: time.Second, Slow: 2 * time.Second}

// Contenders alternate; fast ones fill their turns with runs, after some that do not count, slow ones have fewer turns, and one that takes
// minutes is not warmed up in vain.
func TestRun(t *testing.T) {
	var log []string
	fast, slow, slowest := &runner{name: "f", wall: 0.1, log: &log}, &runner{name: "s", wall: 3, log: &log}, &runner{name: "z", wall: 9, log: &log}
	taken, err := turns.Run(context.Background(), []turns.Contender{fast, slow, slowest}, length)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"f", "s", "z", "f", "f", "s", "f", "f", "s", "z", "f", "f", "s", "f", "f"}; !slices.Equal(log, want) {
		t.Errorf("turns %v, want %v", log, want)
	}
	if want := []int{1, 1, 10, 1, 10, 1, 10, 1, 10}; !slices.Equal(fast.runs, want) {
		t.Errorf("runs of the fast one %v, want %v", fast.runs, want)
	}
	if len(taken[0]) != 4 || len(taken[1]) != turns.SlowRounds || len(taken[2]) != 2 {
		t.Errorf("counted %d, %d and %d turns", len(taken[0]), len(taken[1]), len(taken[2]))
	}
}

// A contender that fails ends all turns, and so does the end of the context.
func TestRunEnds(t *testing.T) {
	var log []string
	broken := errors.New("broken")
	if _, err := turns.Run(context.Background(), []turns.Contender{&runner{log: &log, wall: 1, fail: broken}}, length); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := turns.Run(ctx, []turns.Contender{&runner{log: &log, wall: 1}}, length); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Ratios are taken within a round, over the rounds that both have: medians of the two times would give another.
func TestRatio(t *testing.T) {
	ours := []turns.Turn{{Wall: 1, CPU: 1}, {Wall: 4, CPU: 2}, {Wall: 9, CPU: 9}, {Wall: 7, CPU: 7}}
	theirs := []turns.Turn{{Wall: 2, CPU: 1}, {Wall: 4, CPU: 4}, {Wall: 3, CPU: 1}}
	if got, want := turns.Ratio(ours, theirs), (turns.Spread{Median: 1, Least: 0.5, Most: 3}); got != want {
		t.Errorf("ratio %v, want %v", got, want)
	}
	if got, want := turns.CPURatio(ours, theirs), (turns.Spread{Median: 1, Least: 0.5, Most: 9}); got != want {
		t.Errorf("CPU ratio %v, want %v", got, want)
	}
	if got, want := turns.Of([]float64{4, 1, 3, 2}), (turns.Spread{Median: 2.5, Least: 1, Most: 4}); got != want {
		t.Errorf("spread %v, want %v", got, want)
	}
	if got, want := (turns.Spread{Median: 0.0021, Least: 0.002, Most: 0.003}).Times(1000).String(), "2.10 (2.00 – 3.00)"; got != want {
		t.Errorf("spread in milliseconds %q, want %q", got, want)
	}
}
