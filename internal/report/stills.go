package report

import (
	"encoding/base64"
	"fmt"
	"html/template"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/viz"
)

// still is a picture for browsers that cannot run the explorer, and for paper.
type still struct {
	Alt    string
	Source template.URL
}

// stills draws the paper's two figures as the explorer would show them.
func stills(b compute.Backend) ([]still, error) {
	const margin, gamma = 0.25, 20
	shown := []struct {
		name     string
		loss     losses.Loss
		scale    float64
		boundary viz.Boundary
	}{
		{"triplet", losses.Triplet{Margin: margin, Mining: losses.MineAll}, 1, viz.LineBoundary(margin)},
		{"AM-Softmax, γ = 20", losses.AMSoftmax{Margin: margin, Gamma: gamma}, gamma, viz.LineBoundary(margin)},
		{"Circle, γ = 20", losses.Circle{Margin: margin, Gamma: gamma}, gamma, viz.CircleBoundary(margin)},
	}
	points := []viz.Arrow{
		{Name: "A", At: viz.ScorePair{Sn: 0.2, Sp: 0.25}}, {Name: "B", At: viz.ScorePair{Sn: 0.8, Sp: 0.8}}, {Name: "C", At: viz.ScorePair{Sn: 0.6, Sp: 0.4}},
	}
	var planes []viz.Plane
	var onSn, onSp []viz.Surface
	for _, s := range shown {
		field, err := viz.FieldOf(b, s.loss, 33)
		if err != nil {
			return nil, fmt.Errorf("stills: %w", err)
		}
		sp, sn := field.PullOnSp(s.name).Per(s.scale, "|∂L/∂s_p| / γ"), field.PullOnSn(s.name).Per(s.scale, "|∂L/∂s_n| / γ")
		sp.Boundary, sn.Boundary = s.boundary, s.boundary
		plane := viz.Plane{Title: s.name, Boundary: s.boundary}
		for _, p := range points {
			gradients, err := viz.Gradients(b, s.loss, []viz.ScorePair{p.At})
			if err != nil {
				return nil, fmt.Errorf("stills: %w", err)
			}
			p.Gradient = viz.ScorePair{Sn: gradients[0].Sn, Sp: gradients[0].Sp}
			plane.Arrows = append(plane.Arrows, p)
			mark := viz.Mark{Name: p.Name, At: p.At}
			sp.Marks, sn.Marks = append(sp.Marks, mark), append(sn.Marks, mark)
		}
		planes, onSp, onSn = append(planes, plane), append(onSp, sp), append(onSn, sn)
	}
	var all []still
	for _, drawn := range []struct {
		draw   func() (viz.Figure, error)
		render func(viz.Figure) ([]byte, error)
		kind   string
	}{
		{func() (viz.Figure, error) { return viz.Planes(planes...) }, viz.Figure.SVG, "svg+xml"}, // dark where its page is
		{ // as SVG it would be as large as the program
			func() (viz.Figure, error) { return viz.Surfaces(3, viz.OneScale(append(onSp, onSn...)...)...) }, viz.Figure.PNG, "png",
		},
	} {
		figure, err := drawn.draw()
		if err != nil {
			return nil, err
		}
		picture, err := drawn.render(figure)
		if err != nil {
			return nil, err
		}
		address := "data:image/" + drawn.kind + ";base64," + base64.StdEncoding.EncodeToString(picture)
		all = append(all, still{figure.Alt, template.URL(address)})
	}
	return all, nil
}
