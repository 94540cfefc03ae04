package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

//go:embed evalreport.html
var evalReportHTML string

// What a report shows at most.
const (
	mostConfusions = 30
	mostMistakes   = 24
	neighboursOf   = 6
)

// evalReport is what the page is made of.
type evalReport struct {
	Title, Models, Date, Warning string
	Rows                         [][4]string
	Left                         []string
	Lone                         int
	Figures                      []reportFigure
	Confusions                   []confusion
	MoreConfusions, Mistakes     int
	Queries                      int
}

type reportFigure struct {
	Caption string
	SVG     template.HTML
}

type confusion struct {
	Of, As string
	Count  int
}

// writeEvalReport writes a page that opens without a network: numbers, the similarities' histogram and ROC, and what went wrong.
func writeEvalReport(name string, dirs places, manifests []train.Manifest, ev evaluation, r measures, views bool) error {
	page := evalReport{
		Title: "Evaluation on " + ev.retrievalOn, Models: describeModels(dirs, manifests, views), Date: time.Now().Format(time.DateOnly),
		Warning: ev.warning, Rows: r.rows(), Left: r.left, Lone: r.lone, Queries: r.queries,
	}
	if err := page.add(ev, r); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := template.Must(template.New("").Funcs(template.FuncMap{"shown": escape.Line}).Parse(evalReportHTML)).Execute(&text, page); err != nil {
		return fmt.Errorf("eval: report: %w", err)
	}
	if err := file.WriteBytes(name, text.Bytes()); err != nil {
		return fmt.Errorf("eval: report: %w", err)
	}
	return nil
}

func describeModels(dirs places, manifests []train.Manifest, views bool) string {
	var all []string
	for i, m := range manifests {
		step := m.Step
		if m.Best.Step > 0 {
			step = m.Best.Step
		}
		all = append(all, fmt.Sprintf("%s (%s on %s, step %d, seed %d)", dirs[i], m.Config.Loss, m.Data, step, m.Config.Seed))
	}
	text := strings.Join(all, "; ")
	if views {
		text += "; each image seen in 9 ways"
	}
	return text
}

// add draws the figures that there is something for.
func (p *evalReport) add(ev evaluation, r measures) error {
	if r.verification != nil {
		for _, draw := range []func(*verification) (string, viz.Figure, error){histogram, roc} {
			caption, figure, err := draw(r.verification)
			if err == nil {
				err = p.draw(caption, figure)
			}
			if err != nil {
				return err
			}
		}
	}
	switch {
	case ev.images == nil:
		p.Left = append(p.Left, "figures, confusions and mistakes: within each official run there are two images of a class")
		return nil
	case ev.gallery != nil || ev.cameras[0] != nil:
		p.Left = append(p.Left, "confusions and mistakes: they are counted where a set is searched in all of itself, not in a gallery or across cameras")
		return nil
	}
	confusions, err := eval.Confusions(ev.set)
	if err != nil {
		return err
	}
	for i, c := range confusions {
		if i < mostConfusions {
			p.Confusions = append(p.Confusions, confusion{ev.images.Classes()[c.Of], ev.images.Classes()[c.As], c.Count})
		} else {
			p.MoreConfusions++
		}
	}
	return p.addMistakes(ev)
}

// addMistakes shows the queries whose own class is the farthest behind a wrong one.
func (p *evalReport) addMistakes(ev evaluation) error {
	mistakes, err := eval.Mistakes(ev.set)
	if err != nil || ev.images.Format().Features > 0 {
		return err
	}
	p.Mistakes = len(mistakes)
	if len(mistakes) == 0 {
		return nil
	}
	mistakes = mistakes[:min(len(mistakes), mostMistakes)]
	queries := eval.Set{Dim: ev.set.Dim}
	for _, m := range mistakes {
		queries.Embeddings = append(queries.Embeddings, ev.set.Embeddings[m.Query*ev.set.Dim:(m.Query+1)*ev.set.Dim]...)
		queries.Labels = append(queries.Labels, ev.set.Labels[m.Query])
	}
	found, err := eval.Neighbours(queries, ev.set, neighboursOf+1)
	if err != nil {
		return err
	}
	var rows []viz.GalleryRow
	for i, m := range mistakes {
		query, err := thumbnail(ev.images, m.Query)
		if err != nil {
			return err
		}
		row := viz.GalleryRow{Query: query}
		for _, n := range found[i] {
			if n.Index == m.Query || len(row.Neighbours) == neighboursOf {
				continue
			}
			picture, err := thumbnail(ev.images, n.Index)
			if err != nil {
				return err
			}
			row.Neighbours = append(row.Neighbours, viz.Retrieved{
				Image: picture, Similarity: 1 - n.Distance*n.Distance/2, // of vectors of length 1
				Right: ev.set.Labels[n.Index] == ev.set.Labels[m.Query],
			})
		}
		rows = append(rows, row)
	}
	figure, err := viz.Gallery("The worst mistakes", rows)
	if err != nil {
		return err
	}
	return p.draw(fmt.Sprintf("The %d of %d wrong nearest neighbours that are farthest ahead of the right class, with their cosines.", len(rows), p.Mistakes), figure)
}

func (p *evalReport) draw(caption string, figure viz.Figure) error {
	svg, err := figure.SVG()
	p.Figures = append(p.Figures, reportFigure{caption, template.HTML(svg)})
	return err
}

// thumbnail is image i of a set as a small picture.
func thumbnail(set data.Dataset, i int) (image.Image, error) {
	const side = 64
	m, err := set.Image(i)
	if err != nil {
		return nil, err
	}
	m = data.Resize(m, side)
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			p := y*side + x
			if m.Channels() == 1 {
				out.Set(x, y, color.Gray{Y: byte(255 * min(1, max(0, m.Pixels[p])))})
				continue
			}
			at := func(c int) byte { return byte(255 * min(1, max(0, m.Pixels[3*p+c]))) }
			out.Set(x, y, color.RGBA{at(0), at(1), at(2), 255})
		}
	}
	return out, nil
}
