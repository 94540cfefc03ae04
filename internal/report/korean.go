package report

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// koreanPage is the file name of the first page in Korean, the language of the note that this project began with. It has the note's
// questions in its order, answered with the numbers that the pages of a run have said by package show's Fact.
const koreanPage = "ko.html"

var factsMark = regexp.MustCompile(`<!-- unipair-facts: (.*?) -->`)

// korean holds what the page is made of.
type korean struct {
	entries []entry
	facts   map[string]map[string]string // by notebook and name
	figures map[string][][]template.URL  // by notebook, the panels of each
	Missing []string                     // notebooks of which a number is wanted and not there
}

// writeKorean writes the page into out, with a dash for each number that no notebook's page in out has said. explorer is the explorer's
// page, empty if there is none.
func writeKorean(entries []entry, explorer, out, temp string) error {
	k := &korean{entries: entries, facts: map[string]map[string]string{}, figures: map[string][][]template.URL{}}
	var hurried, failed []string
	for _, e := range entries {
		if e.Quick {
			hurried = append(hurried, e.Number)
		}
		if e.Failed != "" {
			failed = append(failed, e.Number)
		}
		if e.Page == "" {
			continue
		}
		page, err := file.Read(filepath.Join(out, e.Page), mostPage)
		if err != nil {
			return err
		}
		facts := map[string]string{}
		if match := factsMark.FindSubmatch(page); match != nil {
			if err := json.Unmarshal([]byte(html.UnescapeString(string(match[1]))), &facts); err != nil {
				return fmt.Errorf("%s: its facts: %w", e.Page, err)
			}
		}
		k.facts[e.Number], k.figures[e.Number] = facts, figuresOf(page)
	}
	t, err := template.New(koreanPage).Funcs(template.FuncMap{"fact": k.fact, "page": k.page, "figure": k.figure}).
		ParseFS(files, "template/"+koreanPage)
	if err != nil {
		return err
	}
	about := map[string]any{"Explorer": explorer, "Quick": hurried, "Failed": failed, "Made": time.Now().Format(dateForm)}
	var page strings.Builder
	if err := t.Execute(&page, about); err != nil { // what is missing is known only now, and stands at the top
		return err
	}
	if len(k.Missing) > 0 {
		about["Missing"] = k.Missing
		page.Reset()
		if err := t.Execute(&page, about); err != nil {
			return err
		}
	}
	path := filepath.Join(temp, koreanPage)
	if err := file.WriteBytes(path, []byte(setFormulas(page.String()))); err != nil {
		return err
	}
	return publish(path, filepath.Join(out, koreanPage))
}

// fact returns a number that a notebook's page has said, a dash where it has not.
func (k *korean) fact(notebook, name string) string {
	if said, ok := k.facts[notebook][name]; ok {
		return said
	}
	if !slices.Contains(k.Missing, notebook) {
		k.Missing = append(k.Missing, notebook)
		slices.Sort(k.Missing)
	}
	return "—"
}

// page links to a notebook's page.
func (k *korean) page(number string) template.HTML {
	for _, e := range k.entries {
		if e.Number == number && e.Page != "" {
			return template.HTML(fmt.Sprintf(`<a href="%s" lang="en" hreflang="en">→ %s · %s</a>`, html.EscapeString(e.Page), e.Number, html.EscapeString(e.Title)))
		}
	}
	return ""
}

// figure shows the nth figure of a notebook's page, as many of its panels as there are words for.
func (k *korean) figure(number string, nth int, alts ...string) template.HTML {
	if nth >= len(k.figures[number]) {
		return ""
	}
	var row strings.Builder
	for i, panel := range k.figures[number][nth] {
		if i < len(alts) {
			fmt.Fprintf(&row, `<img alt="%s" src="%s">`, html.EscapeString(alts[i]), html.EscapeString(string(panel)))
		}
	}
	return template.HTML(`<div class="panels">` + row.String() + `</div>`)
}

var (
	formula  = regexp.MustCompile(`\$([^$]+)\$`)
	variable = regexp.MustCompile(`\b([A-Za-z])(?:_([a-z]))?\b`)
	symbols  = strings.NewReplacer(`\log`, "log", `\gamma`, "<i>γ</i>", `\infty`, "∞", `\sqrt2`, "√2", "-", "−", "'", "′", "&#39;", "′")
)

// setFormulas sets the page's formulas, which are of one line, as HTML: they read the same where no script runs.
func setFormulas(page string) string {
	return formula.ReplaceAllStringFunc(page, func(found string) string {
		set := variable.ReplaceAllString(strings.Trim(found, "$"), "<i>$1</i><sub>$2</sub>")
		return symbols.Replace(strings.ReplaceAll(set, "<sub></sub>", ""))
	})
}
