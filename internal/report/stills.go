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
		boundary viz.Boundary
	}{
		{"Circle", losses.Circle{Margin: margin, Gamma: gamma}, viz.CircleBoundary(margin)},
		{"AM-Softmax", losses.AMSoftmax{Margin: margin, Gamma: gamma}, viz.LineBoundary(margin)},
		{"triplet", losses.Triplet{Margin: margin, Mining: losses.MineAll}, viz.LineBoundary(margin)},
	}
	points := []viz.Arrow{
		{Name: "A", At: viz.ScorePair{Sn: 0.2, Sp: 0.25}}, {Name: "B", At: viz.ScorePair{Sn: 0.8, Sp: 0.8}}, {Name: "C", At: viz.ScorePair{Sn: 0.6, Sp: 0.4}},
	}
	var planes []viz.Plane
	var onSn, onSp []viz.Surface
	for _, s := range shown {
		field, err := viz.FieldOf(b, s.loss, 26)
		if err != nil {
			return nil, fmt.Errorf("stills: %w", err)
		}
		onSn, onSp = append(onSn, field.PullOnSn(s.name)), append(onSp, field.PullOnSp(s.name))
		plane := viz.Plane{Title: s.name, Boundary: s.boundary}
		for _, p := range points {
			gradients, err := viz.Gradients(b, s.loss, []viz.ScorePair{p.At})
			if err != nil {
				return nil, fmt.Errorf("stills: %w", err)
			}
			p.Gradient = viz.ScorePair{Sn: gradients[0].Sn, Sp: gradients[0].Sp}
			plane.Arrows = append(plane.Arrows, p)
		}
		planes = append(planes, plane)
	}
	var all []still
	for _, draw := range []func() (viz.Figure, error){
		func() (viz.Figure, error) { return viz.Planes(planes...) },
		func() (viz.Figure, error) { return viz.Surfaces(3, append(onSn, onSp...)...) },
	} {
		figure, err := draw()
		if err != nil {
			return nil, err
		}
		picture, err := figure.PNG()
		if err != nil {
			return nil, err
		}
		all = append(all, still{figure.Alt, template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture))})
	}
	return all, nil
}
