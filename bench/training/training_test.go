package training

import (
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/turns"
)

// Ratios are of images a second, within a round.
func TestTable(t *testing.T) {
	ours, theirs := []turns.Turn{{Wall: 1, CPU: 2}, {Wall: 2, CPU: 2}}, []turns.Turn{{Wall: 2, CPU: 3}, {Wall: 2, CPU: 3}}
	rows := []Row{{Name: "ours", Version: "this tree", First: 2}, {Name: "theirs", Version: "x 1", First: 3}}
	rows[0].fill(ours, ours, 100)
	rows[1].fill(ours, theirs, 100)
	got := table(rows)
	for _, want := range []string{
		"| ours | 67 (50 – 100) | 50 | 1.00 (1.00 – 1.00) | 1.00 (1.00 – 1.00) | 2.0 | this tree |\n",
		"| theirs | 50 (50 – 50) | 33 | 1.50 (1.00 – 2.00) | 1.50 (1.50 – 1.50) | 3.0 | x 1 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("table = %q, want a line %q", got, want)
		}
	}
}

// Our training takes the steps that it is told to, no more, and its batches are those of the pipeline.
func TestStart(t *testing.T) {
	steps, stop, err := Start(t.Context(), backendtest.XLA(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if took, err := steps.Take(2); err != nil || !(took.Wall > 0) {
			t.Errorf("took %+v, %v", took, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	batches, err := Batches()
	if err != nil {
		t.Fatal(err)
	}
	for batch, err := range batches.Iter() {
		if want := []int{96, 28, 28, 1}; err != nil || !slices.Equal(batch.Inputs[0].Shape().Dimensions, want) {
			t.Errorf("a batch of %v, %v", batch.Inputs, err)
		}
		break
	}
}

// A peer whose network has a variable more, or one of another shape, is refused.
func TestCheck(t *testing.T) {
	r, ours := recipe{name: "R"}, []string{"[3 3 1 8]", "[8]", "[8]"}
	for _, c := range []struct {
		its  [][]int
		want string
	}{
		{[][]int{{8}, {3, 3, 1, 8}, {8}}, ""},
		{[][]int{{8}, {3, 3, 1, 8}}, "bench: R: the network of it has variables of shapes [[3 3 1 8] [8]], and ours [[3 3 1 8] [8] [8]]"},
		{[][]int{{8}, {3, 3, 8, 1}, {8}}, "bench: R: the network of it has variables of shapes [[3 3 8 1] [8] [8]], and ours [[3 3 1 8] [8] [8]]"},
	} {
		if err := r.check("it", ours, c.its); err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("check(%v) = %v, want %q", c.its, err, c.want)
		}
	}
}
