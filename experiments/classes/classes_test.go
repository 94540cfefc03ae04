package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/train"
)

func TestLongTail(t *testing.T) {
	set := newLongTail(4) // 4, 2, 1 and 1 examples
	var labels []int
	for i := range set.Len() {
		labels = append(labels, set.Label(i))
	}
	if want := []int{0, 0, 0, 0, 1, 1, 2, 3}; !slices.Equal(labels, want) {
		t.Errorf("labels %v, want %v", labels, want)
	}
	first, _ := set.Image(4)
	again, _ := set.Image(4)
	other, _ := set.Image(5)
	if !slices.Equal(first.Pixels, again.Pixels) || slices.Equal(first.Pixels, other.Pixels) {
		t.Error("an example must be itself each time, and another one different")
	}
}

func TestParseStatus(t *testing.T) {
	if got, want := parseStatus("VmHWM:\t 2048 kB\nVmRSS:\t 1024 kB\nThreads: 4\n"), (usage{resident: 1, peak: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSummary(t *testing.T) {
	history := make([]train.Record, 20)
	for i := range history {
		history[i].Loss = float64(20 - i)
	}
	got := summary(history, []float64{3, 1, 2}, usage{100, 100}, usage{150, 400}, 1000, 0.1, 8, 16)
	if want := "| 1000 | 8 | 16 | 10 %, sampled | 15.50 | 5.50 | 2.00 (1.00 – 3.00) | 300 |"; !strings.Contains(got, want) {
		t.Errorf("%s\nlacks %s", got, want)
	}
}
