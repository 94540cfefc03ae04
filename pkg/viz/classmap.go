package viz

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ClassMap is a class-level loss in two dimensions: embeddings, class vectors, and the directions that the loss gives to each
// class.
type ClassMap struct {
	Title   string   // above the picture; may be empty
	Points  []Point  // embeddings; may be none
	Labels  []int32  // one per point
	Weights []Point  // class vectors, drawn as long beside each other as they are; the longest reaches the points' ring
	Sectors []Sector // of the classes; may be none
	Names   []string // of the classes, written at their vectors; their numbers if nil
	// Length is how long an embedding reaches the ring; 0 takes the longest point's.
	Length float64
}

// ClassMaps draws class-level losses, in rows of the given number of columns. Points have the shape and colour of their class, an arrow
// shows the direction of each class vector, and round them is a ring of the sectors. Its gaps belong to no class: they are the margins.
func ClassMaps(columns int, maps ...ClassMap) (Figure, error) {
	if err := checkTiles("ClassMaps", "maps", len(maps), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Embeddings in two dimensions by class, with class vectors as arrows and a ring that shows which directions belong to a class."}
	var panels []panel
	for _, m := range maps {
		if err := m.check(); err != nil {
			return Figure{}, err
		}
		alts = append(alts, m.alt())
		panels = append(panels, m.draw)
	}
	return tile(sentence(alts...), columns, 196, 214, panels), nil
}

func (m ClassMap) check() error {
	if len(m.Points) > 0 || len(m.Labels) > 0 {
		if err := checkPoints("ClassMaps", m.Title, m.Points, m.Labels); err != nil {
			return err
		}
	}
	if err := checkSome("ClassMaps", "class vectors in "+m.Title, len(m.Weights)); err != nil {
		return err
	}
	for i, w := range m.Weights {
		if err := checkNumbers("ClassMaps", fmt.Sprintf("%s: class vector %d (x, y)", m.Title, i), w.X, w.Y); err != nil {
			return err
		}
	}
	for i, s := range m.Sectors {
		if err := checkNumbers("ClassMaps", fmt.Sprintf("%s: sector %d (from, to)", m.Title, i), s.From, s.To); err != nil {
			return err
		}
		if s.From >= s.To || s.To > s.From+2*math.Pi+1e-9 {
			return fmt.Errorf("viz.ClassMaps: %s: sector %d must have From < To ≤ From + 2π, got %g and %g", m.Title, i, s.From, s.To)
		}
	}
	if m.Length < 0 {
		return fmt.Errorf("viz.ClassMaps: %s: Length must be ≥ 0, got %g", m.Title, m.Length)
	}
	return checkNumbers("ClassMaps", m.Title+": Length", m.Length)
}

func (m ClassMap) alt() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d points, %d class vectors.", m.Title, len(m.Points), len(m.Weights))
	covered := 0.0
	for _, s := range m.Sectors {
		fmt.Fprintf(&b, " Class %s has %.0f° from %.0f°.", m.name(int(s.Class)), s.degrees(), s.From*180/math.Pi)
		covered += s.degrees()
	}
	if len(m.Sectors) > 0 {
		fmt.Fprintf(&b, " %.0f° belong to no class.", max(360-covered, 0))
	}
	return b.String()
}

// name returns what a class is called.
func (m ClassMap) name(class int) string {
	if class < len(m.Names) {
		return m.Names[class]
	}
	return fmt.Sprint(class)
}

// reach returns how long an embedding on the ring is.
func (m ClassMap) reach() float64 {
	if m.Length > 0 {
		return m.Length
	}
	longest := 0.0
	for _, p := range m.Points {
		longest = max(longest, math.Hypot(p.X, p.Y))
	}
	if longest == 0 {
		return 1
	}
	return longest
}

func (m ClassMap) draw(c draw.Canvas) {
	c.FillText(aligned(bold(textStyle(10, ink)), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y}, m.Title)
	room := draw.Crop(c, 0, 0, 0, -vg.Points(22))
	centre, outer := room.Center(), min(room.Size().X, room.Size().Y)/2
	inner := 0.9 * outer
	direction := func(angle float64, radius vg.Length) vg.Point {
		sin, cos := math.Sincos(angle)
		return centre.Add(vg.Point{X: radius * vg.Length(cos), Y: radius * vg.Length(sin)})
	}
	for _, s := range m.Sectors {
		colour := series(int(s.Class))
		c.FillPolygon(colour.at(0.1), append(arc(direction, s, 0.97*inner), centre))
		outside, inside := arc(direction, s, outer), arc(direction, s, inner)
		for i := len(inside) - 1; i >= 0; i-- {
			outside = append(outside, inside[i])
		}
		c.FillPolygon(colour.at(0.75), outside)
	}
	strokeCircle(c, centre, inner, line(0.5, grey))
	longest := math.SmallestNonzeroFloat64
	for _, w := range m.Weights {
		longest = max(longest, math.Hypot(w.X, w.Y))
	}
	var names []vg.Point
	for _, w := range m.Weights {
		angle, length := math.Atan2(w.Y, w.X), vg.Length(math.Hypot(w.X, w.Y)/longest)
		strokeArrow(c, centre, direction(angle, 0.8*inner*length), 1.4, ink)
		names = append(names, direction(angle, 0.8*inner*length+0.08*inner))
	}
	stack(names, centre)
	for class, at := range names {
		haloText(c, aligned(bold(textStyle(9, ink)), draw.XCenter, draw.YCenter), at, m.name(class))
	}
	scale := inner * 0.97 / vg.Length(m.reach())
	for i, p := range m.Points {
		at := centre.Add(vg.Point{X: scale * vg.Length(p.X), Y: scale * vg.Length(p.Y)})
		c.DrawGlyph(glyphOf(m.Labels[i], 2.6), at)
	}
}

// arc returns a sector's part of a circle.
func arc(direction func(angle float64, radius vg.Length) vg.Point, s Sector, radius vg.Length) []vg.Point {
	pieces := 1 + int(math.Ceil(s.degrees()/2))
	points := make([]vg.Point, pieces+1)
	for i := range points {
		points[i] = direction(s.From+(s.To-s.From)*float64(i)/float64(pieces), radius)
	}
	return points
}
