package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// A report says how long it will take by what its notebooks took before, and does not guess where one has not run.
func TestForetell(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	if err := os.Mkdir(filepath.Join(w.Root, repository.Workspace), 0o777); err != nil {
		t.Fatal(err)
	}
	a, b, c := Notebook{Name: "01-a"}, Notebook{Name: "02-b"}, Notebook{Name: "03-c"}
	if err := readTimes(w).keep(w, []Notebook{a, b}, []float64{240, 30}); err != nil {
		t.Fatal(err)
	}
	if err := readTimes(w).keep(w, []Notebook{b}, []float64{60}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		of     []Notebook
		atOnce int
		want   string
	}{
		{"one after the other", []Notebook{a, b}, 1, "notebooks to run: 2, which take about 5 min, going by the last time"},
		{"no shorter than the longest", []Notebook{a, b}, 2, "notebooks to run: 2, which take about 4 min, going by the last time"},
		{"the last time counts", []Notebook{b}, 1, "notebooks to run: 1, which take about 1 min, going by the last time"},
		{"one is new", []Notebook{a, c}, 2, "notebooks to run: 2, some of which take minutes; the next report on this machine will say how long"},
	} {
		if got := readTimes(w).foretell(test.of, test.atOnce); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if err := os.WriteFile(timesPath(w), []byte("cut"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(w); len(got) != 0 {
		t.Errorf("a file that is cut has %v", got)
	}
}
