package viz

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Arrow is a point of the plane with the gradient of a loss there. It is drawn as the step of gradient descent, −∂L/∂s_n and −∂L/∂s_p.
type Arrow struct {
	Name     string    // what is written at it; may be empty
	At       ScorePair // where it begins
	Gradient ScorePair // ∂L/∂s_n, ∂L/∂s_p
}

// Mark is a named point of the plane.
type Mark struct {
	Name string    // what is written at it; may be empty
	At   ScorePair // where it is
}

// Plane is one unit square of scores.
type Plane struct {
	Title    string   // above the square; may be empty
	Boundary Boundary // of the loss; may be empty
	Arrows   []Arrow  // may be none
	Targets  []Mark   // drawn as stars: where the scores may come to rest
	// Threshold is a similarity above which a pair is taken for one of a class; 0 for none. It serves the anchors with s_n below it and
	// s_p above, a rectangle whose corner slides along the diagonal.
	Threshold float64
}

// Planes draws unit squares of scores side by side: the paper's figure 1. In each square the longest step has the same
// length; within it the lengths compare.
func Planes(planes ...Plane) (Figure, error) {
	if err := checkSome("Planes", "planes", len(planes)); err != nil {
		return Figure{}, err
	}
	panels := make([]panel, len(planes))
	alts := []string{"The plane of between-class score s_n (across) and within-class score s_p (up), each from 0 to 1."}
	for i, plane := range planes {
		if err := plane.check(); err != nil {
			return Figure{}, err
		}
		panels[i] = plane.draw
		alts = append(alts, plane.alt())
	}
	return tile(sentence(alts...), len(planes), 300, 300, panels), nil
}

func (p Plane) check() error {
	if err := checkScores("Planes", "boundary point", p.Boundary.Curve); err != nil {
		return err
	}
	for _, a := range p.Arrows {
		if err := checkScores("Planes", "arrow "+a.Name, []ScorePair{a.At, a.Gradient}); err != nil {
			return err
		}
	}
	for _, t := range p.Targets {
		if err := checkScores("Planes", "target "+t.Name, []ScorePair{t.At}); err != nil {
			return err
		}
	}
	return nil
}

func (p Plane) alt() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: decision boundary %s.", p.Title, p.Boundary.Name)
	for _, a := range p.Arrows {
		fmt.Fprintf(&b, " At %s (%s, %s) the gradient is %s on s_n and %s on s_p.",
			a.Name, short(a.At.Sn), short(a.At.Sp), short(a.Gradient.Sn), short(a.Gradient.Sp))
	}
	for _, t := range p.Targets {
		fmt.Fprintf(&b, " Target %s at (%s, %s).", t.Name, short(t.At.Sn), short(t.At.Sp))
	}
	if p.Threshold > 0 {
		fmt.Fprintf(&b, " A threshold of %s serves %s.", short(p.Threshold), p.served())
	}
	return b.String()
}

func (p Plane) draw(c draw.Canvas) {
	axes := newPlane(p.Title, 0, 1)
	longest := math.SmallestNonzeroFloat32 // where nothing pulls, arrows have no length
	for _, a := range p.Arrows {
		longest = max(longest, math.Hypot(a.Gradient.Sn, a.Gradient.Sp))
	}
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		if p.Threshold > 0 {
			drawThreshold(c, at, p.Threshold)
		}
		drawBoundary(c, at, p.Boundary)
		drawOptimum(c, at)
		c.FillText(aligned(textStyle(9, green), draw.XRight, draw.YBottom), at(0.98, 0.02), "boundary: "+p.Boundary.Name)
		for _, t := range p.Targets {
			drawTarget(c, at(t.At.Sn, t.At.Sp), t.Name)
		}
		for _, a := range p.Arrows {
			drawArrow(c, at, a, 0.21/longest)
		}
	}))
	drawSquare(axes, c)
}

// served names the targets that the threshold serves.
func (p Plane) served() string {
	var names []string
	for _, t := range p.Targets {
		if t.At.Sn < p.Threshold && t.At.Sp > p.Threshold {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return "no target"
	}
	return strings.Join(names, ", ")
}

// drawThreshold tints where one serves: to the left of it and above.
func drawThreshold(c draw.Canvas, at func(x, y float64) vg.Point, t float64) {
	c.FillPolygon(purple.at(0.2), []vg.Point{at(0, t), at(t, t), at(t, 1), at(0, 1)})
	c.StrokeLines(line(1.2, purple), []vg.Point{at(0, t), at(t, t), at(t, 1)})
	haloText(c, aligned(textStyle(9, purple), draw.XLeft, draw.YTop), at(t, t).Add(vg.Point{X: vg.Points(4), Y: -vg.Points(2)}), "threshold "+short(t))
}

// drawBoundary strokes a boundary inside the axes.
func drawBoundary(c draw.Canvas, at func(x, y float64) vg.Point, b Boundary) {
	points := make([]vg.Point, len(b.Curve))
	for i, s := range b.Curve {
		points[i] = at(s.Sn, s.Sp)
	}
	c.StrokeLines(line(1.6, green), c.ClipLinesXY(points)...)
}

// drawOptimum marks (0, 1) with a disc and its name.
func drawOptimum(c draw.Canvas, at func(x, y float64) vg.Point) {
	c.SetColor(ink)
	var disc vg.Path
	centre := at(0, 1)
	disc.Move(centre.Add(vg.Point{X: vg.Points(4)}))
	disc.Arc(centre, vg.Points(4), 0, 2*math.Pi)
	c.Fill(disc)
	haloText(c, aligned(textStyle(8.5, ink), draw.XLeft, draw.YTop), centre.Add(vg.Point{X: vg.Points(6), Y: -vg.Points(2)}), "optimum")
}

// drawTarget draws a star with its name.
func drawTarget(c draw.Canvas, centre vg.Point, name string) {
	var star vg.Path
	for i := range 10 {
		radius := vg.Points(6.5)
		if i%2 == 1 {
			radius = vg.Points(2.7)
		}
		sin, cos := math.Sincos(math.Pi/2 + float64(i)*math.Pi/5)
		point := centre.Add(vg.Point{X: radius * vg.Length(cos), Y: radius * vg.Length(sin)})
		if i == 0 {
			star.Move(point)
		} else {
			star.Line(point)
		}
	}
	star.Close()
	c.SetColor(orange)
	c.Fill(star)
	c.SetLineStyle(line(0.8, ink))
	c.Stroke(star)
	haloText(c, aligned(bold(textStyle(11, ink)), draw.XLeft, draw.YTop), centre.Add(vg.Point{X: vg.Points(6), Y: -vg.Points(3)}), name)
}

// drawArrow draws a point's step, and its two parts along the axes: each pair of scores has a pull on s_n and one on s_p.
func drawArrow(c draw.Canvas, at func(x, y float64) vg.Point, a Arrow, scale float64) {
	from := at(a.At.Sn, a.At.Sp)
	across := at(a.At.Sn-float64(scale*a.Gradient.Sn), a.At.Sp)
	up := at(a.At.Sn, a.At.Sp-float64(scale*a.Gradient.Sp))
	both := vg.Point{X: across.X, Y: up.Y}
	c.StrokeLine2(line(0.6, grey, vg.Points(2), vg.Points(2)), across.X, across.Y, both.X, both.Y)
	c.StrokeLine2(line(0.6, grey, vg.Points(2), vg.Points(2)), up.X, up.Y, both.X, both.Y)
	strokeArrow(c, from, across, 1.5, blue)
	strokeArrow(c, from, up, 1.5, vermillion)
	strokeArrow(c, from, both, 2.2, ink)
	c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: vg.Points(3.2), Shape: draw.CircleGlyph{}}, from)
	haloText(c, aligned(bold(textStyle(11, ink)), draw.XLeft, draw.YTop), from.Add(vg.Point{X: vg.Points(4), Y: -vg.Points(2)}), a.Name)
}

// strokeArrow draws a shaft with a filled head; a step too short for a head is a dot's own.
func strokeArrow(c draw.Canvas, from, to vg.Point, width float64, colour rgb) {
	along := to.Sub(from)
	length := vg.Length(math.Hypot(float64(along.X), float64(along.Y)))
	head := vg.Points(2.4 * width)
	if length < head {
		return
	}
	unit := along.Scale(1 / length)
	side := vg.Point{X: -unit.Y, Y: unit.X}
	neck := to.Sub(unit.Scale(head))
	c.StrokeLine2(line(width, colour), from.X, from.Y, neck.X, neck.Y)
	c.FillPolygon(colour, []vg.Point{to, neck.Add(side.Scale(head / 2)), neck.Sub(side.Scale(head / 2))})
}
