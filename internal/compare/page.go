package compare

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/viz"
)

//go:embed page.html
var pageHTML string

// page holds what page.html is filled with.
type page struct {
	Result
	Date     string
	Heads    []string
	Lines    []pageLine
	Legend   []string
	Figures  []drawing
	Tries    []pageTry
	Failures []string
	Left     []string // what is not drawn, and why
}

type pageLine struct {
	Next  bool // a group begins
	Cells []string
}

type pageTry struct{ Loss, MAPAtR, Setting string }

type drawing struct {
	Caption string
	SVG     template.HTML
}

// WritePage writes a page that opens offline: the answer, intervals with their groups, error against steps, and what each parameter did in
// the trials. For the queries on which the best losses disagree it asks their networks once more.
func (c *Comparison) WritePage(ctx context.Context, backend compute.Backend, r Result, name string) error {
	p := page{Result: r, Date: time.Now().Format(time.DateOnly), Heads: heads, Legend: r.Legend()}
	for i, row := range r.Rows {
		for _, tried := range row.Tried {
			came := percent(tried.MAPAtR)
			if tried.Failed {
				came = "failed"
			}
			p.Tries = append(p.Tries, pageTry{row.Name, came, tried.Setting.String()})
		}
		p.Lines = append(p.Lines, pageLine{i > 0 && row.Group != r.Rows[i-1].Group, r.cells(i)})
	}
	for _, f := range r.Failures {
		p.Failures = append(p.Failures, fmt.Sprintf("%s, %s %d (%s): %s", f.Loss, f.Phase, f.Number, f.Setting, f.Failure))
	}
	for _, draw := range []func(Result) (string, viz.Figure, error){Intervals, Courses, sensitivity} {
		if err := p.draw(draw(r)); err != nil {
			return fmt.Errorf("compare: %w", err)
		}
	}
	why, caption, figure, err := c.disagreements(ctx, backend, r)
	switch {
	case err != nil:
		return err
	case why != "":
		p.Left = append(p.Left, why)
	default:
		if err := p.draw(caption, figure, nil); err != nil {
			return fmt.Errorf("compare: %w", err)
		}
	}
	var text bytes.Buffer
	if err := template.Must(template.New("").Funcs(template.FuncMap{"shown": escape.Line}).Parse(pageHTML)).Execute(&text, p); err != nil {
		return err
	}
	return file.WriteBytes(name, text.Bytes())
}

// draw adds a figure; one without a caption is none.
func (p *page) draw(caption string, drawn viz.Figure, err error) error {
	if err != nil || caption == "" {
		return err
	}
	svg, err := drawn.SVG()
	p.Figures = append(p.Figures, drawing{caption, template.HTML(svg)})
	return err
}
