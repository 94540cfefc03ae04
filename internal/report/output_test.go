package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/workspacetest"
)

// written makes notebooks 01, 02 and so on of the sources of their cells.
func written(t *testing.T, notebooks ...[]string) []report.Notebook {
	t.Helper()
	folder := t.TempDir()
	for i, sources := range notebooks {
		cells := []map[string]any{}
		for j, source := range sources {
			cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("c", j), "metadata": map[string]any{}, "execution_count": nil,
				"outputs": []any{}, "source": source})
		}
		content, err := json.Marshal(map[string]any{"cells": cells, "metadata": map[string]any{}, "nbformat": 4, "nbformat_minor": 5})
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, fmt.Sprintf("%02d-made.ipynb", i+1)), string(content))
	}
	all, err := report.Find(folder)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A cell has failed by what it did, not by what it prints.
func TestFailedByWhatItDid(t *testing.T) {
	w := workspacetest.Ready(t)
	all := written(t,
		[]string{
			"%%\nfmt.Println(\"exit status 1\")\nfmt.Fprintln(os.Stderr, \"exit status 1\")\nfmt.Fprint(os.Stderr, `\"%nosuch\" unknown or not implemented yet.`)",
			"!echo exit status 1; echo exit status 1 >&2", "%%bash\necho exit status 1 >&2", "!false || true # a comment",
			"!echo one \\\n  two && \\\n  true\n%env AB=1\n!*[ -e go.mod ] && [ \"$AB\" = 1 ]",
		},
		[]string{"!exit 3"}, []string{"!echo quotes \"'\" >&2; exec false"}, []string{"! echo lines \\\n>&2; \\\n!*false"}, []string{"!kill -9 $$"},
		[]string{"%%bash\necho from bash >&2\nexit 4"}, []string{"%%script sh -c \"exit 5\""}, []string{"%nosuch magic"},
	)
	out := t.TempDir()
	err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all, Out: out}, new(bytes.Buffer))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"notebook 02, cell 1: exit status 3;", "notebook 03, cell 1: quotes ': exit status 1;", "notebook 04, cell 1: ", "notebook 05, cell 1: ",
		"notebook 06, cell 1: from bash: exit status 4;", "notebook 07, cell 1: exit status 5;", `notebook 08, cell 1: "%nosuch" unknown or not implemented yet.`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "notebook 01") {
		t.Errorf("error %q: notebook 01 only prints", err)
	}
	if page := read(t, out, "02-made.html"); strings.Contains(page, "bash") {
		t.Error("the page does not show the cell as it is written")
	}
}

// All lines of a cell are in its page, however many there are and however busy the machine is.
func TestAllLines(t *testing.T) {
	const lines = 250_000
	w := workspacetest.Ready(t)
	var done atomic.Bool
	defer done.Store(true)
	for range runtime.NumCPU() { // busy
		go func() {
			for !done.Load() {
			}
		}()
	}
	all := written(t, []string{fmt.Sprintf("%%%%\nfor i := range %d { fmt.Println(\"line\", i) }", lines)})
	out := t.TempDir()
	if err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all, Out: out}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	page := read(t, out, "01-made.html")
	if got := strings.Count(page, "\nline "); got < lines-1 || !strings.Contains(page, fmt.Sprint("\nline ", lines-1)) {
		t.Errorf("the page has %d of %d lines", got, lines)
	}
	if strings.Contains(page, "Cut here") {
		t.Error("the page says that it is cut")
	}
}

// A cell that prints without end is ended at its time limit, and one that prints much goes on to its own end; the pages say where they are cut.
func TestFlood(t *testing.T) {
	w := workspacetest.Ready(t)
	all := written(t,
		[]string{"%%\nline := strings.Repeat(\"x\", 999)\nfor { fmt.Println(line) }"},
		[]string{"%%\nfor i := 0; ; i++ { fmt.Fprint(os.Stderr, i, \" \") }"},
		[]string{"%%\nfor range 20 { fmt.Println(strings.Repeat(\"x\", 1<<20)) }\npanic(\"at the end\")"},
	)
	out, start := t.TempDir(), time.Now()
	flood := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[:2], Out: out, CellTime: 10 * time.Second}, new(bytes.Buffer))
	if took := time.Since(start); took > 3*time.Minute {
		t.Errorf("it took %v", took)
	}
	ended := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[2:], Out: out}, new(bytes.Buffer)) // in its own time, on a busy machine too
	for _, c := range []struct {
		err  error
		want string
	}{
		{flood, "notebook 01, cell 1: no end after the time limit"},
		{flood, "notebook 02, cell 1: no end after the time limit"},
		{ended, "notebook 03, cell 1: panic: at the end (line 3)"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v lacks %q", c.err, c.want)
		}
	}
	for _, name := range []string{"01-made.html", "03-made.html"} {
		if page := read(t, out, name); !strings.Contains(page, "Cut here: this cell printed ") || len(page) > 20<<20 {
			t.Errorf("%s has %d bytes, and does not say that it is cut", name, len(page))
		}
	}
}

// A stack points to its first line in the cells, though it arrives in two parts, wherever they are cut.
func TestSplitStack(t *testing.T) { wantPrinted(t, "testdata/split.py", `[" (cell 1, line 6)"]`) }

// What a cell prints is kept in its streams, without what a progress bar wrote over, up to a limit, and a cell without end is ended.
func TestStreams(t *testing.T) {
	wantPrinted(t, "testdata/streams.py", `[["stdout", "abcde"], ["stderr", "12"]]
[["stdout", "20%\nb\r"]]
[["stdout", "after"]]
[["stdout", "12345678"], ["stderr", "\n[Cut here: this cell printed 0 MB, and a page takes 0 MB of a cell.]\n"]]
["killed"]`)
}

// wantPrinted runs a script on the runner and compares what it prints.
func wantPrinted(t *testing.T, script, want string) {
	t.Helper()
	w := workspacetest.Ready(t)
	command := exec.Command(w.Program("python"), script, ".")
	command.Env, command.Stderr = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1"), os.Stderr
	got, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(got)) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
