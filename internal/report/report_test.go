package report_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/browser"
	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/reportcheck"
	"github.com/unipair/unipair/internal/workspacetest"
)

func notebooks(t *testing.T) []report.Notebook {
	t.Helper()
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	all, err := report.Find(folder)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFind(t *testing.T) {
	first := notebooks(t)[0]
	if first.Number != "01" || first.Title != "How large is $s_p$?" {
		t.Errorf("first = %+v", first)
	}
	if want := `A page with one figure and two formulas, see the next, where $$\sum_i s_p^i < 1.$$`; first.Paragraph != want {
		t.Errorf("paragraph = %q, want %q", first.Paragraph, want)
	}
	if _, err := report.Find(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no notebook in") {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestSelect(t *testing.T) {
	all := notebooks(t)
	chosen, err := report.Select(all, []string{"03", "1"})
	if err != nil || len(chosen) != 2 || chosen[0].Number != "01" || chosen[1].Number != "03" {
		t.Errorf("03 and 1: %v, %v", chosen, err)
	}
	if _, err := report.Select(all, []string{"99"}); err == nil || err.Error() != `unknown notebook "99": known: 01, 02, 03, 04, 05, 06, 07` {
		t.Errorf("99: %v", err)
	}
}

// A notebook becomes a page that a reader without a network misses nothing of.
func TestPage(t *testing.T) {
	w, all, out := workspacetest.Ready(t), notebooks(t), t.TempDir()
	if err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[:1], Out: out}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, out, "01-good.html", "02-panic.html", "03-shell.html", "04-magic.html", "05-compile.html", "06-sleeps.html", "07-nan.html", "explorer.html",
		"index.html", "ko.html")
	page := read(t, out, "01-good.html")
	for _, part := range []string{"<title>How large is s_p?</title>", `href="02-panic.html"`, "<details", `id="show-code"`, "01 · How large is", `class="after" href="02-panic.html">02 · `, "celltag_answer", "<figcaption>",
		"<strong>Answer.</strong> It is", "<!-- unipair-answer: It is $x &lt; 1$, 7 times. -->", "GoMLX v0.", "GoNB v0.", "3 &lt; 4", "backend: "} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	chromium, err := browser.Find()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for name, want := range map[string]reportcheck.Page{"01-good.html": {Contents: 2, Figures: 1, Formulas: 5, Width: 360}, "index.html": {Figures: 2, Formulas: 2, Width: 360}} {
		got, err := reportcheck.Check(t.Context(), chromium, filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Complaints) > 0 {
			t.Errorf("%s: %q", name, got.Complaints)
		}
		if got.Contents != want.Contents || got.Figures != want.Figures || got.Formulas < want.Formulas-1 || got.Width > want.Width {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// Two runs differ in nothing but the date.
func TestPageAgain(t *testing.T) {
	w, all := workspacetest.Ready(t), notebooks(t)
	date := regexp.MustCompile(`\d+ \w+ \d{4}, \d\d:\d\d \w+`)
	var pages [2]string
	for i := range pages {
		out := t.TempDir()
		if err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[:1], Out: out}, new(bytes.Buffer)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"01-good.html", "index.html", "explorer.html"} {
			pages[i] += date.ReplaceAllString(read(t, out, name), "")
		}
	}
	if pages[0] != pages[1] {
		t.Error("the pages of two runs differ")
	}
}

// Each way to fail is found, also those that Jupyter calls success; the page says so, and the next notebook still runs.
func TestFailures(t *testing.T) {
	w, all, out := workspacetest.Ready(t), notebooks(t), t.TempDir()
	var progress bytes.Buffer
	err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[1:5], Out: out}, &progress)
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{
		"notebook 02, cell 2: panic: runtime error: index out of range [3] with length 0 (cell 1, line 2)", "notebook 03, cell 1: no such data: exit status 1",
		`notebook 04, cell 1: "%nosuchmagic" unknown or not implemented yet`, "notebook 05, cell 1: cannot use", "in variable declaration (line 2)",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is not one line", err)
	}
	page, index := read(t, out, "02-panic.html"), read(t, out, "index.html")
	for _, part := range []string{"<strong>FAILED</strong> in cell 2", "before"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, part := range []string{"FAILED in cell 2: panic", "Not run yet: <code>unipair report 01</code>"} {
		if !strings.Contains(index, part) {
			t.Errorf("the index lacks %q", part)
		}
	}
}

// A loss of the user's own that is not a number somewhere fails by the name of the operation that made it so, and of the function
// that wrote the operation; there is no empty picture.
func TestNaN(t *testing.T) {
	w, all, out := workspacetest.Ready(t), notebooks(t), t.TempDir()
	err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all[6:], Out: out}, new(bytes.Buffer))
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"notebook 07, cell 3: panic: viz.Gradients: main.Mine at s_n = ", "Log in main.Mine.PerAnchor is the first operation"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if page := read(t, out, "07-nan.html"); strings.Contains(page, "<figure") || !strings.Contains(page, "FAILED") {
		t.Error("the page has a figure, or does not say that it failed")
	}
}

// An interrupted run ends at once, with all that it started, and leaves no page.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks for left processes in /proc")
	}
	w, all, out := workspacetest.Ready(t), notebooks(t), t.TempDir()
	awake := filepath.Join(t.TempDir(), "awake")
	t.Setenv("UNIPAIR_TEST_AWAKE", awake)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 1200 {
			if _, err := os.Stat(awake); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		cancel()
	}()
	err := report.Write(ctx, w, report.Job{All: all, Chosen: all[5:6], Out: out}, new(bytes.Buffer))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(awake); err != nil {
		t.Error("the cell never ran: nothing was interrupted")
	}
	wantFiles(t, out)
	if left := workspacetest.Running(t, "UNIPAIR_TEST_AWAKE="+awake); len(left) > 0 {
		t.Errorf("left running: %q", left)
	}
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
