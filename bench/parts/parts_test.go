package parts

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
)

// Every part runs, its numbers are in order, and the standard output has nothing of the library's.
func TestMeasure(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := os.Stdout
	os.Stdout = write
	defer func() { os.Stdout = out }()
	c := Config{Sizes: []int{8}, Duration: time.Millisecond, device: backendtest.Go(t)}
	all, err := c.parts()
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(p part) bool { return strings.HasPrefix(p.name, "training") }) // minutes without XLA: bench/training has its test
	rows, err := c.each(t.Context(), all)
	os.Stdout = out
	if err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	var one [1]byte
	if n, _ := read.Read(one[:]); n > 0 {
		t.Error("the library wrote to the standard output")
	}
	if want := len(Names()) + 3; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, r := range rows {
		if !(r.Quantiles[5] > 0 && r.Quantiles[5] <= r.Median && r.Median <= r.Quantiles[95] && r.Quantiles[95] <= r.Quantiles[99] && r.Runs >= 1 && r.First > 0) {
			t.Errorf("%+v", r)
		}
	}
	if lines := strings.Count(table(rows), "\n| "); lines != len(rows) {
		t.Errorf("table of %d lines\n%s", lines, table(rows))
	}
	if raw, err := json.Marshal(rows[0]); err != nil || !strings.Contains(string(raw), `"quantile_seconds":{"5":`) {
		t.Errorf("%s, %v", raw, err)
	}
}

// The numbers are those of what ran: a function that sleeps takes at least that long, and its runs are counted.
func TestTaken(t *testing.T) {
	const nap = 2 * time.Millisecond
	calls := 0
	said := taken("nap", 20*time.Millisecond, 2, func() { calls++; time.Sleep(nap) })
	if len(said) != 2+len(quantiles) || calls < 3 {
		t.Fatalf("%v of %d calls", said, calls)
	}
	for i, d := range said {
		if d < nap || d > time.Second {
			t.Errorf("number %d is %v", i, d)
		}
	}
}

func TestRefuses(t *testing.T) {
	for want, c := range map[string]Config{
		"multiple of 4": {Sizes: []int{30}}, "unknown loss": {Losses: []string{"circel"}},
	} {
		c.device = backendtest.Go(t)
		if _, err := Measure(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
