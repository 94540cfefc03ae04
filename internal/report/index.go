package report

import (
	"bytes"
	"errors"
	"html"
	"html/template"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

var indexTemplate = template.Must(template.New("index.html").ParseFS(files, "template/index.html", mathTemplate))

// mathTemplate has what a page's head needs to set its formulas, of what [mathematics] returns.
const mathTemplate = "template/math.html"

// mathematics returns KaTeX's parts.
func mathematics() map[string]any {
	read := func(name string) string { content, _ := files.ReadFile("katex/" + name); return string(content) } // embedded: it is there
	return map[string]any{
		"Style": template.CSS(read("katex.inline.css")), "Code": template.JS(read("katex.min.js")), "Render": template.JS(read("auto-render.min.js")),
	}
}

// entry is a notebook as the index shows it.
type entry struct {
	Notebook
	Page   string         // empty if it has not been run yet
	Failed string         // where and how
	Quick  bool           // its trainings were cut short
	Panels []template.URL // of the first figure of its page
	Answer string         // what its page answers, in a line; empty if it says nothing
}

// A paperFigure is one of the Circle loss paper's.
type paperFigure struct {
	Name, Shows string
	numbers     []string // of the notebooks that have it
	In          []entry
}

// paperFigures lists those that the notebooks redo.
var paperFigures = []paperFigure{
	{Name: "Figure 1", Shows: "A, B and C in the plane of scores; T and T′ on a straight and on a round boundary", numbers: []string{"02"}},
	{Name: "Figure 2", Shows: "the gradients of triplet loss, AM-Softmax and Circle loss over the plane", numbers: []string{"02", "04"}},
	{Name: "Figure 3", Shows: "accuracy over the scale γ and the margin m", numbers: []string{"07"}},
	{Name: "Figure 4", Shows: "similarities in the course of a training", numbers: []string{"03", "07"}},
	{Name: "Figure 5", Shows: "where pairs cross the boundary, and where they end", numbers: []string{"07"}},
}

// shortWay lists the notebooks for those who have a quarter of an hour.
var shortWay = []string{"02", "04", "07"}

var (
	answerMark = regexp.MustCompile(`<!-- unipair-answer: (.*?) -->`)
	failedMark = regexp.MustCompile(`<!-- unipair-failed: (.*?) -->`)
	figure     = regexp.MustCompile(`<figure[^>]*>(\s*<img [^>]*src="data:image/[^"]*"[^>]*>)+`)
	panel      = regexp.MustCompile(`<img [^>]*src="(data:image/[^"]*)"`)
)

// notRun marks a page that stands for one of a notebook which was not run yet.
const notRun = "<!-- unipair-not-run -->"

// standInTemplate writes a page for links to a notebook that was not run yet.
var standInTemplate = template.Must(template.New("stand-in").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Unipair: {{.Number}}</title>
<style>:root { color-scheme: light dark } body { font-family: sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em }</style></head>
<body><nav><a href="index.html">All notebooks</a></nav>
<h1>{{.Number}} · {{.Plain}}</h1>
<p>Not run yet: <code>unipair report {{.Number}}</code> makes this page.</p>
{{.Mark}}
</body></html>
`))

// standIn writes such a page, so that links to the notebook lead somewhere.
func standIn(n Notebook, out, temp string) error {
	var page strings.Builder
	if err := standInTemplate.Execute(&page, map[string]any{
		"Number": n.Number, "Plain": strings.ReplaceAll(n.Title, "$", ""), "Mark": template.HTML(notRun),
	}); err != nil {
		return err
	}
	path := filepath.Join(temp, n.Name+"-not-run.html")
	if err := file.WriteBytes(path, []byte(page.String())); err != nil {
		return err
	}
	return publish(path, filepath.Join(out, n.Name+".html"))
}

// writeIndex writes the index over the explorer and all notebooks, from the pages that are in out: `report 02` leaves what it says of the
// others. A notebook without a page gets one that says so.
func writeIndex(all []Notebook, explorerErr error, out, temp string) error {
	var entries []entry
	for _, n := range all {
		e := entry{Notebook: n}
		page, err := file.Read(filepath.Join(out, n.Name+".html"), mostPage)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case err != nil || bytes.Contains(page, []byte(notRun)):
			if err := standIn(n, out, temp); err != nil {
				return err
			}
		default:
			e.Page = n.Name + ".html"
			e.Quick = bytes.Contains(page, []byte("<!-- unipair-quick -->"))
			if match := failedMark.FindSubmatch(page); match != nil {
				e.Failed = html.UnescapeString(string(match[1]))
			}
			if match := answerMark.FindSubmatch(page); match != nil {
				e.Answer = plain(html.UnescapeString(string(match[1])))
			}
			e.Panels = panelsOf(page)
		}
		entries = append(entries, e)
	}
	shown, err := file.Read(filepath.Join(out, explorerPage), mostPage)
	if err != nil && explorerErr == nil {
		return err
	}
	var page strings.Builder
	if err := indexTemplate.Execute(&page, map[string]any{
		"Entries": entries, "Short": numbered(entries, shortWay), "Figures": redone(entries), "Korean": koreanPage, "Math": mathematics(),
		"Explorer": explorerPage, "ExplorerError": explorerErr, "ExplorerFigure": entry{Panels: panelsOf(shown)}.Figure(),
	}); err != nil {
		return err
	}
	linked := explorerPage
	if explorerErr != nil {
		linked = ""
	}
	if err := writeKorean(entries, linked, out, temp); err != nil {
		return err
	}
	path := filepath.Join(temp, "index.html")
	if err := file.WriteBytes(path, []byte(page.String())); err != nil {
		return err
	}
	return publish(path, filepath.Join(out, "index.html"))
}

// numbered returns the entries with some numbers.
func numbered(all []entry, numbers []string) (some []entry) {
	for _, e := range all {
		if slices.Contains(numbers, e.Number) {
			some = append(some, e)
		}
	}
	return some
}

// redone returns the paper's figures that notebooks of all have.
func redone(all []entry) (figures []paperFigure) {
	for _, f := range paperFigures {
		if f.In = numbered(all, f.numbers); len(f.In) > 0 {
			figures = append(figures, f)
		}
	}
	return figures
}

// figuresOf returns the figures of a page of ours, the panels of each.
func figuresOf(page []byte) (figures [][]template.URL) {
	for _, found := range figure.FindAll(page, -1) {
		var panels []template.URL
		for _, match := range panel.FindAllSubmatch(found, -1) {
			panels = append(panels, template.URL(html.UnescapeString(string(match[1]))))
		}
		figures = append(figures, panels)
	}
	return figures
}

// panelsOf returns the panels of the first figure of a page of ours, none if it has none.
func panelsOf(page []byte) []template.URL {
	if figures := figuresOf(page); len(figures) > 0 {
		return figures[0]
	}
	return nil
}

// Figure returns the panel that stands for the page, empty if there is none: of two, which compare, the second is what the page is about.
func (e entry) Figure() template.URL {
	switch len(e.Panels) {
	case 0:
		return ""
	case 2:
		return e.Panels[1]
	default:
		return e.Panels[0]
	}
}
