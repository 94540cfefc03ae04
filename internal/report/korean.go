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

// koreanPage is the file name of the first page in Korean, the language of the note that this project began with: its questions in its
// order, answered with the numbers that the pages of a run have said by package show's Fact.
const koreanPage = "ko.html"

var factsMark = regexp.MustCompile(`<!-- unipair-facts: (.*?) -->`)

// korean holds what the page is made of.
type korean struct {
	entries []entry
	facts   map[string]map[string]string // by notebook and name
	Missing []string                     // notebooks of which a number is wanted and not there
}

// writeKorean writes the page into out, if the repository has the notebooks that it speaks of.
func writeKorean(entries []entry, out, temp string) error {
	k := &korean{entries: entries, facts: map[string]map[string]string{}}
	for _, e := range entries {
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
		k.facts[e.Number] = facts
	}
	t, err := template.New(koreanPage).Funcs(template.FuncMap{"fact": k.fact, "page": k.page, "figure": k.figure}).
		ParseFS(files, "template/"+koreanPage, mathTemplate)
	if err != nil {
		return err
	}
	about := map[string]any{"Math": mathematics(), "Made": time.Now().Format(dateForm)}
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
	if err := file.WriteBytes(path, []byte(page.String())); err != nil {
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

// figure shows the first figure of a notebook's page, its first row.
func (k *korean) figure(number, alt string) template.HTML {
	for _, e := range k.entries {
		if e.Number == number && len(e.Panels) > 0 {
			var row strings.Builder
			for _, panel := range e.Panels[:min(3, len(e.Panels))] {
				fmt.Fprintf(&row, `<img alt="%s" src="%s">`, html.EscapeString(alt), html.EscapeString(string(panel)))
			}
			return template.HTML(`<div class="panels">` + row.String() + `</div>`)
		}
	}
	return ""
}
