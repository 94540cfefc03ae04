package losstime

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/turns"
)

// fake is a process whose contenders have fixed values, gradients and times, or fail.
type fake struct {
	value, seconds map[string]float64
	fails          map[string]string
	asked          []string
}

func (f *fake) Ask(question, answer any) error {
	q, r := question.(request), answer.(*reply)
	f.asked = append(f.asked, strings.TrimSpace(q.Op+" "+q.Contender))
	switch q.Op {
	case "make":
		if reason := f.fails[q.Contender]; reason != "" {
			return peers.Failure{Peer: "fake", Reason: reason}
		}
		r.Value, r.Seconds = f.value[q.Contender], 1
		return peers.WriteNumbers(q.Gradients, []float32{1, float32(f.value[q.Contender])})
	case "time":
		r.Wall, r.CPU = f.seconds[q.Contender], f.seconds[q.Contender]
	case "open":
		r.Version, r.Bytes = "fake 1", 100
	case "peak":
		r.Bytes = 100 + 1<<20
	}
	return nil
}

func (f *fake) Stop() error {
	f.asked = append(f.asked, "stop")
	return nil
}

var quick = turns.Length{Rounds: 2, Turn: time.Millisecond, Slow: time.Minute}

func run(t *testing.T, mine, jax *fake) ([]outcome, error) {
	t.Helper()
	f := &field{processes: map[string]asker{ours: mine, "jax": jax}, dir: t.TempDir()}
	return f.measure(context.Background(), task{loss: "circle", rows: 8}, contenders[:4], quick)
}

func unipair() *fake {
	return &fake{value: map[string]float64{whole: 2, products: 0}, seconds: map[string]float64{whole: 1, products: 0.5}}
}

// Values are compared before anything is timed, one that cannot be made is left out with its reason, and the rest take turns.
func TestMeasure(t *testing.T) {
	mine := unipair()
	jax := &fake{
		value: map[string]float64{"usual": 2.0001}, seconds: map[string]float64{"usual": 4}, fails: map[string]string{"same": "no memory"},
	}
	got, err := run(t, mine, jax)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(jax.asked, []string{"make usual", "make same", "time usual", "time usual", "time usual"}) {
		t.Errorf("asked %v", jax.asked)
	}
	r := row(task{loss: "circle", rows: 8}, got)
	if r.Contenders[2].Ratio.Median != 0.25 || r.Contenders[1].Ratio.Median != 2 || r.Contenders[3].Skipped != "no memory" {
		t.Errorf("row %+v", r)
	}
	table := ratioTable("N", func(r Row) int { return r.Rows }, []Row{r})
	want := "| N | Unipair, ms | ÷ the products alone | ÷ JAX | ÷ JAX, our algorithm | processors' time ÷ JAX |\n|---|---|---|---|---|---|\n" +
		"| 8 | 1000 (1000 – 1000) | 2.00 (2.00 – 2.00) | 0.25 (0.25 – 0.25) | – | 0.25 (0.25 – 0.25) |\n"
	if table != want {
		t.Errorf("table\n%swant\n%s", table, want)
	}
	if got, want := skips([]Row{r}, func(r Row) int { return r.Rows }), "Not run: JAX, our algorithm, circle of 8: no memory.\n"; got != want {
		t.Errorf("skips %q, want %q", got, want)
	}
	first := firstTable("N", func(r Row) int { return r.Rows }, []Row{r})
	if want := "| circle | 8 | 1.0 | 1.0 | – | – |\n"; !strings.HasSuffix(first, want) {
		t.Errorf("first\n%swant\n%s", first, want)
	}
}

// A peer with another value or gradient is an error, and so is one that ends; nothing is timed.
func TestMeasureRefuses(t *testing.T) {
	jax := &fake{value: map[string]float64{"usual": 3}}
	_, err := run(t, unipair(), jax)
	if err == nil || !strings.Contains(err.Error(), "circle of 8 rows: JAX differs from Unipair: the value is 3, ours 2") {
		t.Errorf("got %v", err)
	}
	if slices.Contains(jax.asked, "time usual") {
		t.Error("was timed")
	}
	mine := unipair()
	mine.fails = map[string]string{whole: "broken"}
	if _, err := run(t, mine, jax); err == nil || !strings.Contains(err.Error(), "Unipair: ") {
		t.Errorf("got %v", err)
	}
}

func TestAgree(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name     string
		value    float64
		gradient []float32
		said     string
	}{
		{"same", 2.0002, []float32{1, 1.9999}, ""},
		{"value", 2.001, []float32{1, 2}, "value is 2.001, ours 2"},
		{"NaN", math.NaN(), []float32{1, 2}, "value is NaN"},
		{"gradient", 2, []float32{1, 2.001}, "apart by 0.001"},
		{"not one", 2, []float32{nan, 2}, "apart by"},
		{"length", 2, []float32{1}, "has 1 numbers, ours 2"},
	} {
		err := agree(c.value, 2, c.gradient, []float32{1, 2})
		if (err == nil) != (c.said == "") || err != nil && !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := agree(0, 0, []float32{0}, []float32{0}); err == nil {
		t.Error("gradients of 0 compare nothing")
	}
}

// What does not fit into memory is not tried: PML's NT-Xent lists all pairs of pairs.
func TestSkip(t *testing.T) {
	jax, library := contenders[2], contenders[7]
	for _, c := range []struct {
		who  contender
		what task
		said string
	}{
		{library, task{loss: "nt-xent", rows: 512}, ""},
		{library, task{loss: "nt-xent", rows: 2048}, "needs 412 GB"},
		{library, task{loss: "circle", rows: 8192}, ""},
		{library, task{loss: "circle", rows: 32768}, "needs 82 GB"},
		{jax, task{loss: "circle", rows: 32768}, ""},
		{jax, task{loss: "circle", rows: 65536}, "needs 60 GB"},
		{jax, task{loss: "am-softmax", rows: 512, classes: 100_000}, ""},
		{library, task{loss: "triplet-hard", rows: 4096, brief: true}, leftOut},
		{library, task{loss: "triplet-hard", rows: 4096}, ""},
		{library, task{loss: "triplet-hard", rows: 2048, brief: true}, ""},
		{library, task{loss: "circle", rows: 8192, brief: true}, ""},
		{jax, task{loss: "triplet-hard", rows: 4096, brief: true}, ""},
		{largeContenders[0], task{loss: "circle", rows: 65536}, ""},
		{largeContenders[1], task{loss: "circle", rows: 65536}, "needs 34 GB"},
	} {
		if got := c.who.skip(c.what, 20e9); got != c.said {
			t.Errorf("%s, %s: %q, want %q", c.who.Name, c.what, got, c.said)
		}
	}
}

// Each contender of the large batches has its own process, ended before the next, and its memory is what it took beyond the start.
func TestLarge(t *testing.T) {
	var all []*fake
	c := Config{Length: quick, Progress: func(string) {}}
	c.starter = func(context.Context, string) (asker, error) {
		for _, f := range all {
			if f.asked[len(f.asked)-1] != "stop" {
				t.Error("two processes at once")
			}
		}
		f := &fake{
			value:   map[string]float64{streamed: 2, whole: 2, "usual": 2, "blocks": 2, "library": 2},
			seconds: map[string]float64{streamed: 1, whole: 1, "usual": 2, "blocks": 4, "library": 8},
		}
		all = append(all, f)
		return f, nil
	}
	c.Sizes = []int{8}
	section, err := Large(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| Unipair, streamed ÷ it |", "| circle | 8 | Unipair, streamed | 1.00 | 1.00 (1.00 – 1.00) | 1.00 (1.00 – 1.00) | 1 | 1.0 |\n",
		"| circle | 8 | PML | 8.00 | 0.12 (0.12 – 0.12) | 0.12 (0.12 – 0.12) | 1 | 1.0 |\n",
	} {
		if !strings.Contains(section.Table, want) {
			t.Errorf("no %q in\n%s", want, section.Table)
		}
	}
	c.Sizes = []int{30}
	if _, err := Large(context.Background(), c); err == nil || !strings.Contains(err.Error(), "multiple of 4") {
		t.Errorf("30 rows: %v", err)
	}
}

// A process that cannot be started ends those that run, and leaves no folder.
func TestOpenFails(t *testing.T) {
	first, missing := unipair(), errors.New("no python")
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, err := open(context.Background(), func(_ context.Context, process string) (asker, error) {
		if process == ours {
			return first, nil
		}
		return nil, missing
	}, ours, "jax")
	if !errors.Is(err, missing) || !slices.Equal(first.asked, []string{"open", "stop"}) {
		t.Errorf("got %v, asked %v", err, first.asked)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
