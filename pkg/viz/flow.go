package viz

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Flow is pairs of scores that a loss was let move, each by itself: the way of each from its start to where it is now.
type Flow struct {
	Title    string        // above the picture; may be empty
	Paths    [][]ScorePair // one per pair of scores, from its start to its end
	Boundary Boundary      // of the loss; may be empty
	Margin   float64       // m of the region s_n < m, s_p > 1 − m, which is tinted; 0 for none
	Targets  []Mark        // drawn as stars
	Aims     []Mark        // drawn as rings: where pushes point to, inside the plane or not
}

// Flows draws the plane of scores with the ways that pairs took, on common axes that hold all of them, in rows of the given number of
// columns. A ring is a start, a disc an end.
func Flows(columns int, flows ...Flow) (Figure, error) {
	if err := checkTiles("Flows", "flows", len(flows), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"The ways of pairs of scores in the plane of s_n (across) and s_p (up)."}
	sn, sp := []float64{0, 1}, []float64{0, 1}
	for _, f := range flows {
		if err := f.check(); err != nil {
			return Figure{}, err
		}
		for _, s := range f.points() {
			sn, sp = append(sn, s.Sn), append(sp, s.Sp)
		}
		alts = append(alts, f.alt())
	}
	left, right := span(sn...)
	bottom, top := span(sp...)
	side := max(right-left, top-bottom) + 0.1 // so that nothing lies on the frame
	corner := ScorePair{Sn: (left + right - side) / 2, Sp: (bottom + top - side) / 2}
	var panels []panel
	for _, f := range flows {
		panels = append(panels, func(c draw.Canvas) { f.draw(c, corner, side) })
	}
	return tile(sentence(alts...), columns, 300, 304, panels), nil
}

// points returns all that must be inside the axes.
func (f Flow) points() (all []ScorePair) {
	for _, path := range f.Paths {
		all = append(all, path...)
	}
	for _, marks := range [][]Mark{f.Targets, f.Aims} {
		for _, m := range marks {
			all = append(all, m.At)
		}
	}
	return all
}

func (f Flow) check() error {
	if err := checkSome("Flows", "paths in "+f.Title, len(f.Paths)); err != nil {
		return err
	}
	for i, path := range f.Paths {
		if err := checkSome("Flows", fmt.Sprintf("points in path %d of %s", i, f.Title), len(path)); err != nil {
			return err
		}
	}
	if !(f.Margin >= 0 && f.Margin <= 1) {
		return fmt.Errorf("viz.Flows: %s: Margin must be 0 to 1, got %g", f.Title, f.Margin)
	}
	return checkScores("Flows", f.Title+": point", append(f.points(), f.Boundary.Curve...))
}

func (f Flow) alt() string {
	var sn, sp float64
	inside := 0
	for _, path := range f.Paths {
		end := path[len(path)-1]
		sn, sp = sn+end.Sn, sp+end.Sp
		if end.Sn < f.Margin && end.Sp > 1-f.Margin {
			inside++
		}
	}
	n := float64(len(f.Paths))
	text := fmt.Sprintf("%s: %d pairs end at s_n = %s and s_p = %s on average", f.Title, len(f.Paths), short(sn/n), short(sp/n))
	if f.Margin > 0 {
		text += fmt.Sprintf(", %d of them at s_n < %s and s_p > %s", inside, short(f.Margin), short(1-f.Margin))
	}
	if f.Boundary.Name != "" {
		text += ", boundary " + f.Boundary.Name
	}
	for _, marks := range [][]Mark{f.Targets, f.Aims} {
		for _, m := range marks {
			text += fmt.Sprintf(", %s at (%s, %s)", m.Name, short(m.At.Sn), short(m.At.Sp))
		}
	}
	return text + "."
}

func (f Flow) draw(c draw.Canvas, corner ScorePair, side float64) {
	axes := newPlane(f.Title, 0, 1)
	axes.X.Min, axes.X.Max, axes.Y.Min, axes.Y.Max = corner.Sn, corner.Sn+side, corner.Sp, corner.Sp+side
	axes.X.Tick.Marker, axes.Y.Tick.Marker = fifths(corner.Sn, corner.Sn+side), fifths(corner.Sp, corner.Sp+side)
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		rectangle := func(low, high ScorePair) vg.Rectangle {
			return vg.Rectangle{Min: at(low.Sn, low.Sp), Max: at(high.Sn, high.Sp)}
		}
		if f.Margin > 0 {
			c.SetColor(green.at(0.14))
			c.Fill(rectangle(ScorePair{Sn: 0, Sp: 1 - f.Margin}, ScorePair{Sn: f.Margin, Sp: 1}).Path())
		}
		c.SetLineStyle(line(0.9, grey))
		c.Stroke(rectangle(ScorePair{}, ScorePair{Sn: 1, Sp: 1}).Path())
		for _, path := range f.Paths {
			points := make([]vg.Point, len(path))
			for i, s := range path {
				points[i] = at(s.Sn, s.Sp)
			}
			c.StrokeLines(line(0.6, grey), thinned(points, vg.Points(0.5)))
			c.DrawGlyph(draw.GlyphStyle{Color: grey, Radius: vg.Points(1.6), Shape: draw.RingGlyph{}}, points[0])
		}
		drawBoundary(c, at, f.Boundary)
		for _, path := range f.Paths {
			end := path[len(path)-1]
			c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: vg.Points(2.2), Shape: draw.CircleGlyph{}}, at(end.Sn, end.Sp))
		}
		for _, t := range f.Targets {
			drawTarget(c, at(t.At.Sn, t.At.Sp), t.Name)
		}
		for _, a := range f.Aims {
			centre := at(a.At.Sn, a.At.Sp)
			c.DrawGlyph(draw.GlyphStyle{Color: vermillion, Radius: vg.Points(4.5), Shape: draw.RingGlyph{}}, centre)
			haloText(c, aligned(textStyle(9, ink), draw.XLeft, draw.YCenter), centre.Add(vg.Point{X: vg.Points(8)}), a.Name)
		}
	}))
	drawSquare(axes, c)
}

// thinned leaves out the points of a line that are nearer than a distance to the last that is kept, but for its end.
func thinned(points []vg.Point, distance vg.Length) (kept []vg.Point) {
	for i, p := range points {
		if i == 0 || i == len(points)-1 {
			kept = append(kept, p)
		} else if way := p.Sub(kept[len(kept)-1]); math.Hypot(float64(way.X), float64(way.Y)) >= float64(distance) {
			kept = append(kept, p)
		}
	}
	return kept
}
