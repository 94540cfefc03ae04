// Package turns lets contenders do the same work in turns, so that whatever else the machine does hits all of them alike. It makes ratios
// of what they took within one round.
package turns

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// Turn holds what one run of the work took, on average over a contender's turn.
type Turn struct {
	Wall float64 `json:"wall"` // seconds
	CPU  float64 `json:"cpu"`  // seconds of all processors
}

// A Contender does the work some times and says what one run took.
type Contender interface {
	Take(runs int) (Turn, error)
}

// Length says how long contenders take turns.
type Length struct {
	Rounds int           // turns of each contender
	Turn   time.Duration // of a turn, at least; it has one run at least
	Slow   time.Duration // what a run may take for its contender to have all its turns; a slower one has SlowRounds
}

// SlowRounds counts the turns of a contender whose runs are slow.
const SlowRounds = 3

// Run has every contender take its turns and returns them, round by round: fewer for slow contenders. Before the first round each
// has one turn that does not count: it warms up, and tells how many runs fill a turn. A run so slow that its turns would take
// minutes counts as warm at once. Where a turn has several runs, a tenth of them, and one at least, goes before it and does not count. The
// caches are those of the contender before, and its threads may wait in loops for a while.
func Run(ctx context.Context, contenders []Contender, length Length) ([][]Turn, error) {
	taken, runs, rounds := make([][]Turn, len(contenders)), make([]int, len(contenders)), make([]int, len(contenders))
	for i, c := range contenders {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		warm, err := c.Take(1)
		if err != nil {
			return nil, err
		}
		runs[i], rounds[i] = max(1, int(length.Turn.Seconds()/warm.Wall)), length.Rounds
		if warm.Wall > length.Slow.Seconds() {
			rounds[i] = min(SlowRounds, length.Rounds)
		}
		if warm.Wall > 4*length.Slow.Seconds() {
			taken[i], rounds[i] = []Turn{warm}, min(2, length.Rounds)
		}
	}
	for round := range length.Rounds {
		for i, c := range contenders {
			if round >= rounds[i] || len(taken[i]) > round {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if runs[i] > 1 {
				if _, err := c.Take(max(1, runs[i]/10)); err != nil {
					return nil, fmt.Errorf("round %d: %w", round+1, err)
				}
			}
			turn, err := c.Take(runs[i])
			if err != nil {
				return nil, fmt.Errorf("round %d: %w", round+1, err)
			}
			taken[i] = append(taken[i], turn)
		}
	}
	return taken, nil
}

// Spread is the median of some numbers, with the least and the most.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// Of returns the spread of numbers, of which there must be one.
func Of(numbers []float64) Spread {
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Least: sorted[0], Most: sorted[n-1]}
}

// String returns the median with the least and the most: "0.98 (0.91 – 1.10)".
func (s Spread) String() string {
	return fmt.Sprintf("%.2f (%.2f – %.2f)", s.Median, s.Least, s.Most)
}

// Times returns the spread in another unit, of which x are one.
func (s Spread) Times(x float64) Spread { return Spread{x * s.Median, x * s.Least, x * s.Most} }

// Walls returns the spread of the seconds that turns took.
func Walls(turns []Turn) Spread { return Of(each(turns, wall)) }

// Ratio returns the spread of our time divided by theirs, each quotient within a round that both ran.
func Ratio(ours, theirs []Turn) Spread { return ratio(ours, theirs, wall) }

// CPURatio returns [Ratio] of the time of all processors: on a busy machine the steadier one.
func CPURatio(ours, theirs []Turn) Spread { return ratio(ours, theirs, cpu) }

func wall(t Turn) float64 { return t.Wall }
func cpu(t Turn) float64  { return t.CPU }

func ratio(ours, theirs []Turn, of func(Turn) float64) Spread {
	rounds := min(len(ours), len(theirs))
	quotients := each(ours[:rounds], of)
	for i, x := range each(theirs[:rounds], of) {
		quotients[i] /= x
	}
	return Of(quotients)
}

func each(turns []Turn, of func(Turn) float64) []float64 {
	var numbers []float64
	for _, t := range turns {
		numbers = append(numbers, of(t))
	}
	return numbers
}

// ProcessorTime returns how long all processors have worked for this process, in seconds.
func ProcessorTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the arguments are constant: it cannot fail
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
