package report_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/browser"
	"github.com/unipair/unipair/internal/explorer"
	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/reportcheck"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// explorerPage makes the page in a folder of the test's own.
func explorerPage(t *testing.T) string {
	t.Helper()
	root, err := repository.Root()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, ".workspace", "log"), 0o755); err != nil { // it needs no more of the workspace
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := report.WriteExplorer(t.Context(), workspace.Workspace{Root: root}, out); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(out, "explorer.html")
}

func chromium(t *testing.T) string {
	t.Helper()
	program, err := browser.Find()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return program
}

func eval[T any](t *testing.T, tab *browser.Tab, script string) T {
	t.Helper()
	value, err := browser.Eval[T](tab, script)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// started waits until the explorer runs or has given up, and returns the class that it gave the page.
const started = `(async () => {
  for (let i = 0; i < 200 && (document.documentElement.className === "starting" || !document.documentElement.dataset.answers && document.documentElement.className === "live"); i++)
    await new Promise(done => setTimeout(done, 50));
  return document.documentElement.className;
})()`

// reading is what the page shows of a setting and its answer.
type reading struct {
	Setting explorer.Setting
	Answer  struct{ Value, Sn, Sp [3]float64 }
	Took    []float64 // milliseconds from each slider to the drawn page
	Problem string
}

// turn moves the controls to a setting as a reader would, one after the other, and reads the page.
const turn = `(async (loss, moves) => {
  const $ = id => document.getElementById(id), data = document.documentElement.dataset;
  const set = async (element, value) => {
    const before = data.answers;
    if (element.type === "checkbox") element.checked = value; else element.value = value;
    element.dispatchEvent(new Event("input", {bubbles: true}));
    for (let i = 0; i < 100 && data.answers === before; i++) await new Promise(done => requestAnimationFrame(done));
  };
  await set($("loss"), loss);
  const took = [];
  for (const [id, value] of moves) {
    const slider = $(id).parentElement.querySelector("input[type=range]");
    await set(value === null ? slider : $(id), value ?? slider.max);
    took.push(Number(data.took));
  }
  const number = id => Number($(id).value), names = ["A", "B", "C"];
  const parameters = {};
  for (const row of $("parameters").children) {
    const box = row.querySelector("[id]");
    parameters[box.id.slice("parameter-".length)] = box.type === "checkbox" ? String(box.checked) : box.value;
  }
  return {
    Setting: {loss, parameters, measure: $("measure").value, negatives: number("negatives"), others: number("others"), low: number("low"),
              steps: 2, points: names.map(name => [number(name + "-sn"), number(name + "-sp")])},
    Answer: {Value: names.map(name => number(name + "-value")), Sn: names.map(name => number(name + "-dsn")), Sp: names.map(name => number(name + "-dsp"))},
    Took: took, Problem: $("complaint").hidden ? "" : $("complaint").textContent,
  };
})`

// openExplorer opens the page and returns after how many milliseconds its controls were there.
func openExplorer(t *testing.T, path string) (*browser.Tab, float64) {
	t.Helper()
	tab, err := browser.Open(t.Context(), chromium(t), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if state := eval[string](t, tab, started); state != "live" {
		t.Fatalf("it does not run: %q, %s", state, eval[string](t, tab, `document.getElementById("status").textContent`))
	}
	return tab, eval[float64](t, tab, `Number(document.documentElement.dataset.ready)`)
}

// The page opens in time, weighs what it may, and reads out what pkg/losses computes, whatever the reader turns.
func TestExplorer(t *testing.T) {
	path := explorerPage(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(content); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > 4_000_000 {
		t.Errorf("it weighs %d bytes compressed, want at most 4 MB", packed.Len())
	}
	tab, opened := openExplorer(t, path)
	for range 2 { // the machine may be busy with other things
		if opened > 3000 {
			tab.Close()
			tab, opened = openExplorer(t, path)
		}
	}
	defer tab.Close()
	t.Logf("%d bytes compressed, open after %.0f ms", packed.Len(), opened)
	b := backendtest.Go(t)
	shown, _ := explorer.Losses(b)
	var took []float64
	for _, s := range shown {
		moves := `["negatives", 4], ["others", 0.45], ["A-sn", 0.37], ["B-sp", 0.71]`
		for _, p := range s.Parameters {
			switch p.Kind {
			case "number", "whole":
				moves += fmt.Sprintf(`, ["parameter-%s", null]`, p.Name) // the slider to its end
			case "truth":
				moves += fmt.Sprintf(`, ["parameter-%s", true]`, p.Name)
			case "word":
				moves += fmt.Sprintf(`, ["parameter-%s", %q]`, p.Name, p.Words[len(p.Words)-1])
			}
		}
		got := eval[reading](t, tab, fmt.Sprintf("%s(%q, [%s])", turn, s.Name, moves))
		took = append(took, got.Took...)
		want, err := explorer.Ask(b, got.Setting)
		if err != nil || got.Problem != "" {
			if err == nil || got.Problem != err.Error() {
				t.Errorf("%s: the page says %q, the package %v", s.Name, got.Problem, err)
			}
			continue
		}
		for i := range 3 {
			for what, pair := range map[string][2]float64{
				"L": {got.Answer.Value[i], want.Points.Value[i]}, "∂L/∂s_n": {got.Answer.Sn[i], want.Points.Sn[i]}, "∂L/∂s_p": {got.Answer.Sp[i], want.Points.Sp[i]},
			} {
				if !(math.Abs(pair[0]-pair[1]) <= 1e-9*(1+math.Abs(pair[1]))) {
					t.Errorf("%s at %v under %v: %s is %g, the package has %g", s.Name, got.Setting.Points[i], got.Setting.Parameters, what, pair[0], pair[1])
				}
			}
		}
	}
	slices.Sort(took)
	median := took[len(took)/2]
	t.Logf("%d moves of a control are answered and drawn in %.0f ms (median), %.0f ms at most", len(took), median, took[len(took)-1])
	if opened > 3000 || median > 100 {
		t.Errorf("it opens after %.0f ms and answers in %.0f ms, want at most 3000 and 100", opened, median)
	}
	if heard := tab.Heard(); len(heard) > 0 {
		t.Errorf("heard %q", heard)
	}
}

// A setting in the address is the one that opens, and one that is wrong is said to be so.
func TestExplorerAddress(t *testing.T) {
	tab, err := browser.Open(t.Context(), chromium(t), explorerPage(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	eval[string](t, tab, started)
	const visit = `(async address => {
	  location.hash = address;
	  await new Promise(done => setTimeout(done, 800));
	  const $ = id => document.getElementById(id);
	  return $("complaint").hidden ? $("go").textContent + " " + $("negatives").value : $("complaint").textContent;
	})(%q)`
	for address, want := range map[string]string{
		"loss=am-softmax&gamma=20&negatives=8": "losses.AMSoftmax{Margin:0.35, Gamma:20} 8",
		"loss=triplet&soft=true&mining=hard":   `losses.Triplet{Margin:0.2, Soft:true, Mining:"hard", Swap:false} 1`,
		"loss=nosuch":                          "losses.Circle{Margin:0.4, Gamma:80} 1",
		"loss=circle&gamma=-3":                 "losses.Circle: Gamma must be a number > 0, got -3",
	} {
		if got := eval[string](t, tab, fmt.Sprintf(visit, address)); got != want {
			t.Errorf("#%s shows %q, want %q", address, got, want)
		}
	}
}

// Points follow the mouse and the arrow keys, and a surface turns with the mouse.
func TestExplorerDrag(t *testing.T) {
	tab, err := browser.Open(t.Context(), chromium(t), explorerPage(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	eval[string](t, tab, started)
	middle := func(element string) [2]float64 {
		return eval[[2]float64](t, tab, fmt.Sprintf(`(() => {
		  const element = document.querySelector(%q);
		  element.scrollIntoView({block: "center"});
		  const at = element.getBoundingClientRect();
		  return [at.x + at.width / 2, at.y + at.height / 2];
		})()`, element))
	}
	drag := func(element string, byX, byY float64) {
		at := middle(element)
		if err := tab.Drag(at[0], at[1], at[0]+byX, at[1]+byY); err != nil {
			t.Fatal(err)
		}
		eval[bool](t, tab, `new Promise(done => setTimeout(() => done(true), 500))`)
	}
	where := func() [3]float64 {
		return eval[[3]float64](t, tab, `["A-sn", "A-sp", "turn"].map(id => Number(document.getElementById(id).value))`)
	}
	side := eval[float64](t, tab, `document.getElementById("plane").getBoundingClientRect().width * 340 / 400`) // of the unit square
	drag("[data-point='0'] .dot", 0.3*side, -0.2*side)
	if at := where(); math.Abs(at[0]-0.5) > 0.02 || math.Abs(at[1]-0.45) > 0.02 {
		t.Errorf("dragged by (0.3, 0.2) from (0.2, 0.25), A is at (%g, %g)", at[0], at[1])
	}
	before := where()
	eval[bool](t, tab, `(() => {
	  const point = document.querySelector("[data-point='0']");
	  point.focus();
	  return point.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowUp", shiftKey: true, bubbles: true}));
	})()`)
	drag("#surface-sn", 100, 0)
	after := where()
	if math.Abs(after[1]-before[1]-0.1) > 1e-6 || after[2] == before[2] {
		t.Errorf("after an arrow key and a turn: %v, before %v", after, before)
	}
	if heard := tab.Heard(); len(heard) > 0 {
		t.Errorf("heard %q", heard)
	}
}

// An explorer that does not build is an error of one line, and the index says so in its place.
func TestExplorerNotBuilt(t *testing.T) {
	root, out := t.TempDir(), t.TempDir()
	if err := errors.Join(
		os.MkdirAll(filepath.Join(root, ".workspace", "log"), 0o755),
		os.WriteFile(filepath.Join(root, "go.mod"), []byte("module "+repository.Module+"\n\ngo 1.26\n"), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	failure := report.WriteExplorer(t.Context(), workspace.Workspace{Root: root}, out)
	if failure == nil || !strings.Contains(failure.Error(), "go list: ") || !strings.Contains(failure.Error(), "explorer.log") || strings.Contains(failure.Error(), "\n") {
		t.Errorf("error %v, want one line of go's and where the log is", failure)
	}
	if err := report.WriteIndex(notebooks(t), failure, out, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if index := read(t, out, "index.html"); !strings.Contains(index, "NOT BUILT") || strings.Contains(index, `href="explorer.html"`) {
		t.Error("the index does not say that there is no explorer, or links to it")
	}
}

// A browser without WebAssembly shows the stills and says why.
func TestExplorerWithoutWebAssembly(t *testing.T) {
	tab, err := browser.Open(t.Context(), chromium(t), explorerPage(t), map[string]any{"js-flags": "--jitless"})
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	eval[string](t, tab, started)
	page := eval[struct {
		Status string
		Live   bool
		Stills int
	}](t, tab, `(async () => {
	  const seen = element => element.getClientRects().length > 0;
	  const stills = [...document.querySelectorAll("#stills img")].filter(seen);
	  for (const image of stills) await image.decode();
	  return {Status: document.getElementById("status").textContent, Live: seen(document.getElementById("live")), Stills: stills.length};
	})()`)
	if !strings.Contains(page.Status, "no WebAssembly") || page.Live || page.Stills != 2 {
		t.Errorf("it shows %+v, want the two stills and the reason", page)
	}
	if heard := tab.Heard(); len(heard) > 0 {
		t.Errorf("heard %q", heard)
	}
}

// All controls of the explorer can be used on every screen without a complaint.
func TestExplorerOnScreens(t *testing.T) {
	page, err := reportcheck.Check(t.Context(), chromium(t), explorerPage(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Complaints) > 0 || page.Controls < 50 {
		t.Errorf("%d controls, complaints %q", page.Controls, page.Complaints)
	}
}
