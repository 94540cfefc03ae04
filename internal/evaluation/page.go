package evaluation

import (
	"bytes"
	_ "embed"
	"html/template"
	"slices"
	"time"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

//go:embed page.html
var pageHTML string

// mostConfusions bounds the pairs of classes that a page lists.
const mostConfusions = 30

// page holds what page.html is filled with.
type page struct {
	Title, Models, Date, Warning string
	Rows                         [][4]string
	Left                         []string
	Lone                         int
	Figures                      []drawing
	Mistakes                     []mistake // of the last figure, row by row
	Confusions                   []confusion
	MoreConfusions               int
	Queries                      int
}

type drawing struct {
	Caption string
	SVG     template.HTML
}

type confusion struct {
	Of, As string
	Count  int
}

// WritePage writes a page that opens without a network: numbers, the similarities' histogram and ROC, and what went wrong. It says which
// models were measured.
func (r Result) WritePage(name, models string) error {
	p := page{
		Title: "Evaluation on " + r.RetrievalOn, Models: models, Date: time.Now().Format(time.DateOnly),
		Warning: r.Warning, Rows: r.rows(), Left: slices.Clone(r.LeftOut), Lone: r.Lone, Queries: r.Queries,
	}
	if err := p.add(r); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := template.Must(template.New("").Funcs(template.FuncMap{"shown": escape.Line}).Parse(pageHTML)).Execute(&text, p); err != nil {
		return err
	}
	return file.WriteBytes(name, text.Bytes())
}

// add draws the figures that there is something for.
func (p *page) add(r Result) error {
	if r.Verification != nil {
		for _, draw := range []func(*Verification) (string, viz.Figure, error){histogram, roc} {
			caption, figure, err := draw(r.Verification)
			if err == nil {
				err = p.draw(caption, figure)
			}
			if err != nil {
				return err
			}
		}
	}
	switch {
	case r.of.images == nil:
		p.Left = append(p.Left, "figures, confusions and mistakes: within each official run there are two images of a class")
		return nil
	case r.of.shared[0] != nil:
		p.Left = append(p.Left, "figures, confusions and mistakes: they are of classes, and these images have several labels each")
		return nil
	case r.of.gallery != nil || r.of.cameras[0] != nil:
		p.Left = append(p.Left,
			"confusions and mistakes: they are counted where a set is searched in all of itself, not in a gallery or across cameras")
		return nil
	}
	confusions, err := eval.Confusions(r.of.set)
	if err != nil {
		return err
	}
	for i, c := range confusions {
		if i < mostConfusions {
			p.Confusions = append(p.Confusions, confusion{r.of.images.Classes()[c.Of], r.of.images.Classes()[c.As], c.Count})
		} else {
			p.MoreConfusions++
		}
	}
	found, err := worstMistakes(r.of)
	if err != nil || found.caption == "" {
		return err
	}
	p.Mistakes = found.mistakes
	return p.draw(found.caption, found.drawn)
}

// draw adds a figure.
func (p *page) draw(caption string, drawn viz.Figure) error {
	svg, err := drawn.SVG()
	p.Figures = append(p.Figures, drawing{caption, template.HTML(svg)})
	return err
}
