package viz

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Surface is a quantity over the unit square of scores.
type Surface struct {
	Title    string      // above the picture; may be empty
	Quantity string      // what the height is, with its unit if it has one
	Axis     []float64   // the values of s_n, and of s_p, rising
	Height   [][]float64 // Height[i][j] is at s_p = Axis[i], s_n = Axis[j]; ≥ 0
	// Top is where the scale of heights ends, so that several pictures share one; 0 leaves it to the data. See [OneScale].
	Top      float64
	Boundary Boundary // drawn on the surface as a dashed line; may be empty
	Marks    []Mark   // points of the plane, drawn on the surface with their names
}

// Per returns the surface in units of a scale, such as γ, under the name of the new quantity.
func (s Surface) Per(scale float64, quantity string) Surface {
	heights := make([][]float64, len(s.Height))
	for i, row := range s.Height {
		for _, z := range row {
			heights[i] = append(heights[i], z/scale)
		}
	}
	s.Height, s.Quantity = heights, quantity
	return s
}

// OneScale gives surfaces that are compared one scale of heights, which ends at the greatest height of all.
func OneScale(surfaces ...Surface) []Surface {
	top := 0.0
	for _, s := range surfaces {
		top = max(top, s.highest())
	}
	scaled := slices.Clone(surfaces)
	for i := range scaled {
		scaled[i].Top = top
	}
	return scaled
}

func (s Surface) check(where string) error {
	n := len(s.Axis)
	if n < 2 || len(s.Height) != n {
		return fmt.Errorf("viz.%s: %s: Height must have a row for each of at least 2 values of Axis, got %d and %d",
			where, s.Title, len(s.Height), n)
	}
	for i, row := range s.Height {
		if len(row) != n {
			return fmt.Errorf("viz.%s: %s: row %d of Height must have %d values, got %d", where, s.Title, i, n, len(row))
		}
		if err := checkNumbers(where, fmt.Sprintf("%s: Height [%d]", s.Title, i), row...); err != nil {
			return err
		}
	}
	if s.Top < 0 || s.Top > 0 && s.highest() > s.Top*(1+1e-9) {
		return fmt.Errorf("viz.%s: %s: Top must be 0 or at least the greatest height, got %g and %g", where, s.Title, s.Top, s.highest())
	}
	if err := checkScores(where, s.Title+": boundary point", s.Boundary.Curve); err != nil {
		return err
	}
	for _, m := range s.Marks {
		if at := m.At; !s.within(at) {
			return fmt.Errorf("viz.%s: %s: mark %s must be on the plane, from %g to %g, got s_n = %g, s_p = %g",
				where, s.Title, m.Name, s.Axis[0], s.Axis[n-1], at.Sn, at.Sp)
		}
	}
	return checkNumbers(where, s.Title+": Top", s.Top)
}

// limit returns the end of the scale of heights, and 1 for a surface that is 0 all over.
func (s Surface) limit() float64 {
	if s.Top > 0 {
		return s.Top
	}
	if top := s.highest(); top > 0 {
		return top
	}
	return 1
}

func (s Surface) highest() float64 {
	top := 0.0
	for _, row := range s.Height {
		for _, z := range row {
			top = max(top, z)
		}
	}
	return top
}

func (s Surface) alt() string {
	last := len(s.Axis) - 1
	corner := func(i, j int) string { return short(s.Height[i][j]) }
	alt := fmt.Sprintf("%s: %s is %s at the optimum (s_n = %s, s_p = %s), %s where both are %s, %s where both are %s and %s at the worst (%s, %s).",
		s.Title, s.Quantity, corner(last, 0), short(s.Axis[0]), short(s.Axis[last]), corner(0, 0), short(s.Axis[0]),
		corner(last, last), short(s.Axis[last]), corner(0, last), short(s.Axis[last]), short(s.Axis[0]))
	for _, m := range s.Marks {
		alt += fmt.Sprintf(" At %s it is %s.", m.Name, short(s.heightAt(m.At)))
	}
	return alt
}

// Surfaces draws surfaces in three dimensions, in rows of the given number of columns: the paper's figure 2. Each has its
// own scale of heights, unless [OneScale] gave them one.
func Surfaces(columns int, surfaces ...Surface) (Figure, error) {
	return tileSurfaces("Surfaces", "Surfaces over the plane of s_n and s_p.", columns, 232, 196, surfaces,
		func(s Surface) panel { return s.draw3D })
}

// tileSurfaces checks surfaces and lays them out.
func tileSurfaces(where, opening string, columns int, width, height float64, surfaces []Surface, draw func(Surface) panel) (Figure, error) {
	if err := checkTiles(where, "surfaces", len(surfaces), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{opening}
	var panels []panel
	for _, s := range surfaces {
		if err := s.check(where); err != nil {
			return Figure{}, err
		}
		alts = append(alts, s.alt())
		panels = append(panels, draw(s))
	}
	return tile(sentence(alts...), columns, width, height, panels), nil
}

func (s Surface) draw3D(c draw.Canvas) {
	title := aligned(bold(textStyle(10, ink)), draw.XCenter, draw.YTop)
	c.FillText(title, vg.Point{X: c.Center().X, Y: c.Max.Y}, s.Title)
	room := draw.Crop(c, vg.Points(26), -vg.Points(12), vg.Points(24), -vg.Points(28))
	top := s.limit()
	step := niceStep(top, 4)
	ceiling := step * math.Ceil(top/step-1e-9)
	k := newCamera(room.Rectangle)
	k.drawBox(c, step/ceiling)
	m := mesh{s, k, ceiling}
	m.drawCells(c)
	m.drawBoundary(c)
	m.drawMarks(c)
	k.drawScales(c, s.Quantity, step, ceiling)
}

// drawBox rules the floor and the two far walls.
func (k camera) drawBox(c draw.Canvas, step float64) {
	rule := func(x0, y0, z0, x1, y1, z1 float64) {
		a, b := k.project(x0, y0, z0), k.project(x1, y1, z1)
		c.StrokeLine2(line(0.5, paleGrey), a.X, a.Y, b.X, b.Y)
	}
	for i := range 6 {
		t := float64(i) / 5
		rule(t, 0, 0, t, 1, 0)
		rule(0, t, 0, 1, t, 0)
		rule(t, 0, 0, t, 0, 1)
		rule(1, t, 0, 1, t, 1)
	}
	for z := 0.0; z < 1+1e-9; z += step {
		rule(0, 0, z, 1, 0, z)
		rule(1, 0, z, 1, 1, z)
	}
}

// drawScales writes the ticks and names of the three axes along the near edges of the floor and the left edge of the box.
func (k camera) drawScales(c draw.Canvas, quantity string, step, ceiling float64) {
	small, name := textStyle(7.5, grey), textStyle(9.5, ink)
	c.SetLineStyle(line(0.8, grey))
	var edges vg.Path
	edges.Move(k.project(1, 1, 1))
	for _, corner := range [][2]float64{{1, 1}, {0, 1}, {0, 0}} {
		edges.Line(k.project(corner[0], corner[1], 0))
	}
	c.Stroke(edges)
	for i := range 6 {
		t := float64(i) / 5
		c.FillText(aligned(small, draw.XRight, draw.YTop), k.project(t, 1, 0).Add(vg.Point{X: -vg.Points(4), Y: -vg.Points(3)}), short(t))
		c.FillText(aligned(small, draw.XLeft, draw.YTop), k.project(0, t, 0).Add(vg.Point{X: vg.Points(5), Y: -vg.Points(3)}), short(t))
	}
	for z := 0.0; z < ceiling*(1+1e-9); z += step {
		c.FillText(aligned(small, draw.XRight, draw.YCenter), k.project(1, 1, z/ceiling).Add(vg.Point{X: -vg.Points(4), Y: vg.Points(1)}), short(z))
	}
	c.FillText(aligned(name, draw.XRight, draw.YTop), k.project(0.5, 1, 0).Add(vg.Point{X: -vg.Points(12), Y: -vg.Points(11)}), "s_n")
	c.FillText(aligned(name, draw.XLeft, draw.YTop), k.project(0, 0.5, 0).Add(vg.Point{X: vg.Points(12), Y: -vg.Points(11)}), "s_p")
	c.FillText(aligned(name, draw.XRight, draw.YBottom), k.project(1, 1, 1).Add(vg.Point{X: vg.Points(9), Y: vg.Points(7)}), quantity)
}
