package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/results"
)

// repo returns a root with the pages that a run writes.
func repo(t *testing.T) Config {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		resultsPage: "# Measured\n\nold\n", summaryPage: "# Performance\n\n" + summaryBegin + "\nold\n" + summaryEnd + "\n\nmore\n",
	} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return Config{Root: root, Progress: func(string) {}}
}

// fakes returns subjects that note that they ran; the one at fails fails.
func fakes(ran *[]string, fails int) (all []Subject) {
	for i, name := range []string{"training", "eval", "degenerate"} {
		all = append(all, Subject{Name: name, run: func(context.Context, Config) (results.Section, error) {
			*ran = append(*ran, name)
			if i == fails {
				return results.Section{}, context.Canceled
			}
			return results.Section{
				Heading: "About " + name, Versions: []string{"backend fake", ""}, Table: "| a | b |\n|---|---|\n| 1 | " + name + " |\n", Rows: []int{i},
			}, nil
		}})
	}
	return all
}

// idleAt says that a machine has a load average.
func idleAt(load float64) func() (float64, error) {
	return func() (float64, error) { return load, nil }
}

// A run that was interrupted goes on after the last subject that is whole, and its pages are those of one that was not.
func TestWholeGoesOn(t *testing.T) {
	c := repo(t)
	var ran []string
	if _, err := c.all(t.Context(), fakes(&ran, 1), WholeOptions{}, idleAt(0.1)); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	w, err := c.all(t.Context(), fakes(&ran, -1), WholeOptions{}, idleAt(unknownLoad))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"training", "eval", "eval", "degenerate"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v, want %v", ran, want)
	}
	busy := func() (float64, error) { return 0, errors.New("busy") }
	if _, err := c.all(t.Context(), fakes(&ran, 0), WholeOptions{}, busy); err != nil || len(ran) != 4 {
		t.Errorf("what is whole ran again, or waited: %v, %v", err, ran)
	}
	if small := (&Whole{Small: true, root: c.Root}).Text(); strings.Contains(small, "Measured") || !strings.Contains(small, "trial") {
		t.Errorf("a trial says that it is the page:\n%s", small)
	}
	if err := w.Write(); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(c.Root, resultsPage))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"load average before it 0.10 and unknown", "in 2 sittings",
		"\n## About eval\n\n`unipair bench eval`: backend fake; 0.0 min.\n\n| a | b |\n|---|---|\n| 1 | eval |\n",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(string(page), "\nold\n") || strings.Count(string(page), "\n## ") != 4 ||
		!strings.Contains(string(page), "\n## On a GPU\n\n*Not run.*") {
		t.Errorf("the page is not whole:\n%s", page)
	}
	summary, err := os.ReadFile(filepath.Join(c.Root, summaryPage))
	if err != nil || !strings.HasPrefix(string(summary), "# Performance\n\n"+summaryBegin+"\n| one call of") ||
		!strings.HasSuffix(string(summary), summaryEnd+"\n\nmore\n") {
		t.Errorf("summary\n%s%v", summary, err)
	}
	if _, err := c.all(t.Context(), fakes(&ran, 0), WholeOptions{}, idleAt(0)); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was written goes on: %v", err)
	}
}

// What another commit, another machine or another day measured is not gone on with, nor what --anew forgets.
func TestWholeBeginsAgain(t *testing.T) {
	for name, change := range map[string]func(w *Whole){
		"commit":  func(w *Whole) { w.Commit = "0123456" },
		"machine": func(w *Whole) { w.Machine = "abacus" },
		"day":     func(w *Whole) { w.Begun = w.Begun.Add(-longest - time.Minute) },
	} {
		c := repo(t)
		var ran []string
		w, err := c.begun(WholeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		change(w)
		if err := w.keep(results.Section{Subject: "training"}, time.Second); err != nil {
			t.Fatal(err)
		}
		if _, err := c.all(t.Context(), fakes(&ran, -1), WholeOptions{}, idleAt(0)); err != nil || len(ran) != 3 {
			t.Errorf("%s: ran %v, %v", name, ran, err)
		}
	}
	c := repo(t)
	var ran []string
	for range 2 {
		if _, err := c.all(t.Context(), fakes(&ran, -1), WholeOptions{Anew: true}, idleAt(0)); err != nil {
			t.Fatal(err)
		}
	}
	if len(ran) != 6 {
		t.Errorf("--anew: ran %v", ran)
	}
	if err := os.WriteFile(filepath.Join(c.Root, ".workspace/bench/whole.json"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := c.all(t.Context(), fakes(&ran, -1), WholeOptions{}, idleAt(0)); err == nil || !strings.Contains(err.Error(), "--anew begins again") {
		t.Errorf("a damaged journal: %v", err)
	}
}

// Without the marks nothing is written.
func TestWholeNeedsTheMarks(t *testing.T) {
	c := repo(t)
	var ran []string
	w, err := c.all(t.Context(), fakes(&ran, -1), WholeOptions{}, idleAt(0))
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Root, summaryPage), []byte("# Performance\n"), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(); err == nil || !strings.Contains(err.Error(), "docs/performance.md: the marks") {
		t.Errorf("got %v", err)
	}
	if page, err := os.ReadFile(filepath.Join(c.Root, resultsPage)); err != nil || !strings.Contains(string(page), "old") {
		t.Errorf("%s, %v", page, err)
	}
}

// A busy machine is waited for, and then refused.
func TestIdle(t *testing.T) {
	c := repo(t)
	loads := []float64{9, 9, 0.01}
	read := func() (float64, error) {
		load := loads[0]
		loads = loads[min(1, len(loads)-1):]
		return load, nil
	}
	if load, err := c.idle(t.Context(), read, 2*time.Millisecond); err == nil || !strings.Contains(err.Error(), "its load average is 9.00") {
		t.Errorf("load %g, %v", load, err)
	}
	if load, err := c.idle(t.Context(), read, time.Minute); err != nil || load != 0.01 {
		t.Errorf("load %g, %v", load, err)
	}
	if load, err := c.idle(t.Context(), func() (float64, error) { return unknownLoad, nil }, 0); err != nil || load != unknownLoad {
		t.Errorf("load %g, %v", load, err)
	}
	if load, err := readLoad(); err != nil || load < 0 && load != unknownLoad {
		t.Errorf("load %g, %v", load, err)
	}
}
