package report

import (
	"bytes"
	_ "embed" // the index's template
	"html"
	"html/template"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

//go:embed template/index.html
var indexHTML string

var indexTemplate = template.Must(template.New("index").Parse(indexHTML))

// entry is a notebook as the index shows it.
type entry struct {
	Notebook
	Page   string       // empty if it has not been run yet
	Failed string       // where and how
	Quick  bool         // its trainings were cut short
	Figure template.URL // the first figure of its page
}

var (
	failedMark  = regexp.MustCompile(`<!-- unipair-failed: (.*?) -->`)
	firstFigure = regexp.MustCompile(`<figure[^>]*>\s*<img [^>]*src="(data:image/[^"]*)"`)
)

// writeIndex writes the index over the explorer and all notebooks, from the pages that are in out: `report 02` leaves what it says of the
// others.
func writeIndex(all []Notebook, explorerErr error, out, temp string) error {
	var entries []entry
	for _, n := range all {
		e := entry{Notebook: n}
		if page, err := file.Read(filepath.Join(out, n.Name+".html"), mostPage); err == nil {
			e.Page = n.Name + ".html"
			e.Quick = bytes.Contains(page, []byte("<!-- unipair-quick -->"))
			if match := failedMark.FindSubmatch(page); match != nil {
				e.Failed = html.UnescapeString(string(match[1]))
			}
			e.Figure = figureOf(page)
		}
		entries = append(entries, e)
	}
	shown, err := file.Read(filepath.Join(out, explorerPage), mostPage)
	if err != nil && explorerErr == nil {
		return err
	}
	var page strings.Builder
	read := func(name string) string { content, _ := files.ReadFile("katex/" + name); return string(content) } // embedded: it is there
	if err := indexTemplate.Execute(&page, map[string]any{
		"Entries": entries, "Explorer": explorerPage, "ExplorerError": explorerErr, "ExplorerFigure": figureOf(shown),
		"Style": template.CSS(read("katex.inline.css")),
		"Code":  template.JS(read("katex.min.js")), "Render": template.JS(read("auto-render.min.js")),
	}); err != nil {
		return err
	}
	path := filepath.Join(temp, "index.html")
	if err := file.WriteBytes(path, []byte(page.String())); err != nil {
		return err
	}
	return publish(path, filepath.Join(out, "index.html"))
}

// figureOf returns the first figure of a page of ours, empty if there is none.
func figureOf(page []byte) template.URL {
	if match := firstFigure.FindSubmatch(page); match != nil {
		return template.URL(match[1])
	}
	return ""
}
