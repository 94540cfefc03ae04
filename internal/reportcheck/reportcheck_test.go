package reportcheck_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/browser"
	"github.com/unipair/unipair/internal/reportcheck"
)

// chromium finds the browser, or skips; in CI it must be there.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := browser.Find()
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return path
}

// Each thing that a reader would miss is found, and in a good page nothing is.
func TestCheckFinds(t *testing.T) {
	path := chromium(t)
	const pixel = `<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='4' height='9' fill='%23f00'/></svg>`
	const slab = `<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9' fill='%23fff'/><circle cx='4' cy='4' r='2'/></svg>`
	const blank = `<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>`
	for body, want := range map[string]string{
		`<img alt="a" src="data:image/svg+xml,` + pixel + `"><p>costs 5 $ only</p>`:            "",
		`<img alt="a" src="data:image/svg+xml,` + blank + `">`:                                 "blank",
		`<img alt="a" src="data:image/png;base64,AAAA">`:                                       "broken",
		`<img src="data:image/svg+xml,` + pixel + `">`:                                         "no text",
		`<div style="overflow: hidden"><p style="width: 50em">long</p></div>`:                  "cut off",
		`<a href="#nowhere">there</a>`:                                                         "leads nowhere",
		`<p>let $s_p$ be</p>`:                                                                  "raw mathematics",
		`<script src="https://example.org/x.js"></script>`:                                     "network",
		`<script>fetch("https://example.org/").catch(() => {})</script>`:                       "network",
		`<script>console.error("no")</script>`:                                                 "console",
		`<script>undefinedName()</script>`:                                                     "exception",
		`<span class="katex-error" title="bad"></span>`:                                        "mathematics with an error",
		`<style>@media (min-width: 500px) { p { min-width: 800px } }</style><p>wide</p>`:       "on a screen of 768 pixels",
		`<img alt="a" src="data:image/svg+xml,` + slab + `">`:                                  "stays bright",
		`<canvas aria-label="a"></canvas>`:                                                     "blank",
		`<input type="range">`:                                                                 "no name",
		`<input type="range" aria-label="a" oninput="if (this.value == 100) undefinedName()">`: "exception",
		`<select aria-label="a" oninput="undefinedName()"><option>1</select>`:                  "exception",
		`<button onclick="document.body.append('$s$')">more</button>`:                          "once its controls are used",
	} {
		t.Run(body, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte("<!DOCTYPE html><meta charset=utf-8><main>"+body+"</main>"), 0o644); err != nil {
				t.Fatal(err)
			}
			page, err := reportcheck.Check(t.Context(), path, file)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" && len(page.Complaints) > 0 {
				t.Errorf("a good page: %q", page.Complaints)
			}
			if want != "" && !slices.ContainsFunc(page.Complaints, func(c string) bool { return strings.Contains(c, want) }) {
				t.Errorf("%s: got %q, want one about %q", body, page.Complaints, want)
			}
		})
	}
}

// TestReports looks at the finished pages in the folder $UNIPAIR_REPORTS, as .ci/run does after `unipair report`.
func TestReports(t *testing.T) {
	folder := os.Getenv("UNIPAIR_REPORTS")
	if folder == "" {
		t.Skip("UNIPAIR_REPORTS names no folder of finished pages")
	}
	path := chromium(t)
	pages, err := filepath.Glob(filepath.Join(folder, "*.html"))
	if err != nil || len(pages) < 2 {
		t.Fatalf("%s has %d pages, want an index and one a notebook (%v)", folder, len(pages), err)
	}
	for _, file := range pages {
		t.Run(filepath.Base(file), func(t *testing.T) {
			page, err := reportcheck.Check(t.Context(), path, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range page.Complaints {
				t.Error(complaint)
			}
			for _, linked := range page.Pages {
				if _, err := os.Stat(filepath.Join(folder, linked)); err != nil {
					t.Errorf("it links to %s, which is not there", linked)
				}
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for mark, means := range map[string]string{"<!-- unipair-failed": "is marked FAILED", "<!-- unipair-not-run": "stands for a notebook that was not run"} {
				if strings.Contains(string(content), mark) {
					t.Error("the page " + means)
				}
			}
			t.Logf("%d figures, %d formulas, %d controls", page.Figures, page.Formulas, page.Controls)
		})
	}
}
