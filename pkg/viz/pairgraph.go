package viz

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// PairGraph is a batch on a map, with what a loss asks of its pairs.
type PairGraph struct {
	Title  string  // above the picture; may be empty
	Points []Point // where each image of the batch is drawn
	Labels []int32 // its class
	Pulls  Pulls   // of the same images
}

// PairGraphs draws who pulls whom, in rows of the given number of columns. A pair that is pulled together has a solid line, one that is
// pushed apart a dashed one. A line is as thick as the pair's weight beside the strongest of its own picture. Pairs under a hundredth of
// that are left out.
func PairGraphs(columns int, graphs ...PairGraph) (Figure, error) {
	if err := checkTiles("PairGraphs", "graphs", len(graphs), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Who pulls whom: the images of a batch as points, the weight of each pair as the thickness of a line, " +
		"solid where it is pulled together and dashed where it is pushed apart."}
	var panels []panel
	for _, g := range graphs {
		if err := g.check(); err != nil {
			return Figure{}, err
		}
		alts = append(alts, g.alt())
		panels = append(panels, g.draw)
	}
	return tile(sentence(alts...), columns, 196, 232, panels), nil
}

func (g PairGraph) check() error {
	if err := checkPoints("PairGraphs", g.Title, g.Points, g.Labels); err != nil {
		return err
	}
	n := len(g.Points)
	if len(g.Pulls.Weight) != n || len(g.Pulls.Positive) != n {
		return fmt.Errorf("viz.PairGraphs: %s: want pulls of %d images, got %d", g.Title, n, len(g.Pulls.Weight))
	}
	for i, row := range g.Pulls.Weight {
		if len(row) != n || len(g.Pulls.Positive[i]) != n {
			return fmt.Errorf("viz.PairGraphs: %s: row %d of Weight and Positive must have %d values, got %d and %d",
				g.Title, i, n, len(row), len(g.Pulls.Positive[i]))
		}
		if err := checkNumbers("PairGraphs", fmt.Sprintf("%s: Weight [%d]", g.Title, i), row...); err != nil {
			return err
		}
	}
	return nil
}

func (g PairGraph) alt() string {
	positives, negatives := g.Pulls.CountAtLeast(faintest)
	if positives+negatives == 0 {
		return g.Title + ": no pair has a weight."
	}
	strongest := slices.MaxFunc(g.Pulls.pairs(), func(a, b pair) int { return cmp.Compare(math.Abs(a.weight), math.Abs(b.weight)) })
	return fmt.Sprintf("%s: %d positive and %d negative pairs; positives carry %s %% of the weight; the strongest is of images %d and %d, classes %d and %d.",
		g.Title, positives, negatives, short(100*g.Pulls.PositiveShare()),
		strongest.first, strongest.second, g.Labels[strongest.first], g.Labels[strongest.second])
}

// faintest is the least share of the strongest weight that is drawn.
const faintest = 0.01

func (g PairGraph) draw(c draw.Canvas) {
	const thickest = 4.2 // points
	c.FillText(aligned(bold(textStyle(10, ink)), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y}, g.Title)
	room := draw.Crop(c, vg.Points(12), -vg.Points(12), vg.Points(34), -vg.Points(24))
	at := frameOf(room, g.Points)
	inwards := onCircle(g.Points)
	if inwards {
		at = frameOf(room, []Point{{-1, -1}, {1, 1}})
		strokeCircle(c, at(Point{}), at(Point{X: 1}).X-at(Point{}).X, line(0.7, paleGrey))
	}
	var places []vg.Point
	for _, p := range g.Points {
		places = append(places, at(p))
	}
	if inwards {
		stack(places, at(Point{}))
	}
	pairs := g.Pulls.pairs()
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(math.Abs(a.weight), math.Abs(b.weight)) })
	top := g.Pulls.Strongest()
	for _, q := range pairs {
		share := math.Abs(q.weight) / top
		if top == 0 || share < faintest {
			continue
		}
		from, to := places[q.first], places[q.second]
		c.StrokeLine2(together(q.weight < 0, thickest*share), from.X, from.Y, to.X, to.Y)
	}
	for i := range g.Points {
		image := glyphOf(g.Labels[i], 4)
		image.Color = ink // the classes by shape: colours are the lines'
		c.DrawGlyph(draw.GlyphStyle{Color: paper, Radius: vg.Points(6), Shape: draw.CircleGlyph{}}, places[i])
		c.DrawGlyph(image, places[i])
	}
	g.drawLegend(c)
}

// stack moves each place that would lie on an earlier one towards a centre, until it lies on none.
func stack(places []vg.Point, centre vg.Point) {
	const size = 10.5 // points between two markers, at least
	distance := func(a, b vg.Point) float64 { return math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)) }
	for i := range places {
		for slices.ContainsFunc(places[:i], func(p vg.Point) bool { return distance(p, places[i]) < size-1e-9 }) {
			left := distance(places[i], centre)
			if left < size { // they fill the radius
				break
			}
			places[i] = centre.Add(places[i].Sub(centre).Scale(vg.Length(1 - size/left)))
		}
	}
}

// together returns the line of a pair that is pulled together, in the colour of s_p, or pushed apart, in that of s_n.
func together(yes bool, width float64) draw.LineStyle {
	width = max(width, 0.35)
	if yes {
		return draw.LineStyle{Color: vermillion.at(0.85), Width: vg.Points(width)}
	}
	return draw.LineStyle{Color: blue.at(0.85), Width: vg.Points(width), Dashes: []vg.Length{vg.Points(5), vg.Points(3)}}
}

// drawLegend tells what the lines are and how the weight is divided.
func (g PairGraph) drawLegend(c draw.Canvas) {
	sumOf := func(pulled bool) float64 { return g.Pulls.sum(func(q pair) bool { return q.weight < 0 == pulled }) }
	all := sumOf(true) + sumOf(false)
	if all == 0 {
		style := aligned(textStyle(8.5, ink), draw.XCenter, draw.YCenter)
		c.FillText(style, vg.Point{X: c.Center().X, Y: c.Min.Y + vg.Points(13)}, "at rest: no pair is heard")
		return
	}
	for row, pulled := range []bool{true, false} {
		y := c.Min.Y + vg.Points(float64(19-13*row))
		x := c.Min.X + vg.Points(22)
		c.StrokeLine2(together(pulled, 2), x, y, x+vg.Points(24), y)
		text := map[bool]string{true: "pulled together", false: "pushed apart"}[pulled]
		c.FillText(aligned(textStyle(8.5, ink), draw.XLeft, draw.YCenter), vg.Point{X: x + vg.Points(30), Y: y},
			fmt.Sprintf("%s: %.0f %% of the weight", text, 100*sumOf(pulled)/all))
	}
}

// onCircle reports whether all points have length 1: two-dimensional embeddings, normalised.
func onCircle(points []Point) bool {
	return !slices.ContainsFunc(points, func(p Point) bool { return math.Abs(math.Hypot(p.X, p.Y)-1) > 1e-6 })
}

func strokeCircle(c draw.Canvas, centre vg.Point, radius vg.Length, style draw.LineStyle) {
	var ring vg.Path
	ring.Move(centre.Add(vg.Point{X: radius}))
	ring.Arc(centre, radius, 0, 2*math.Pi)
	c.SetLineStyle(style)
	c.Stroke(ring)
}
