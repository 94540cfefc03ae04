package viz

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mesh is a surface in its box.
type mesh struct {
	Surface
	camera
	ceiling float64
}

// vertex is a point of the box over the floor [0, 1]².
type vertex struct{ x, y, z float64 }

// band is the share of the scale that one colour covers: a face that spans more is cut into bands.
const band = 1.0 / 24

// drawCells paints the cells from the farthest to the nearest; seen in parallel projection, a cell never hides one that is nearer on the
// floor. A cell is two triangles, cut along the diagonal whose ends differ least in height. A cliff across the cells is a wall so; along
// the other diagonal it would be the teeth of a saw.
func (m mesh) drawCells(c draw.Canvas) {
	n := len(m.Axis) - 1
	for far := 2 * (n - 1); far >= 0; far-- {
		for j := min(far, n-1); j >= max(0, far-n+1); j-- {
			m.drawCell(c, n-1-(far-j), j)
		}
	}
}

// drawCell paints the cell between rows i and i+1 and columns j and j+1.
func (m mesh) drawCell(c draw.Canvas, i, j int) {
	far, worst, near, best := m.vertex(i, j), m.vertex(i, j+1), m.vertex(i+1, j+1), m.vertex(i+1, j)
	bright, outline := m.brightness(i, j), []vertex{far, worst, near, best, far}
	face := shaded(viridis((far.z+worst.z+near.z+best.z)/4*m.ceiling/m.limit()), bright)
	switch low, high := m.extremes(i, j); {
	case high-low <= band*m.limit(): // one colour, and too flat for two triangles to show
		c.FillPolygon(face, m.points(outline...))
	case alongBoundary(far.z, near.z, worst.z, best.z):
		m.fill(c, bright, far, worst, near)
		m.fill(c, bright, far, near, best)
	default:
		m.fill(c, bright, worst, far, best) // the farther of the two
		m.fill(c, bright, worst, best, near)
	}
	if !m.isCliff(i, j) { // whose lines would be teeth again
		c.StrokeLines(draw.LineStyle{Color: shaded(face, 0.82), Width: vg.Points(0.35)}, m.points(outline...))
	}
}

// alongBoundary reports whether a cell is cut along the diagonal from (0, 0) to (1, 1), of whose two it is the flatter.
func alongBoundary(low, high, worst, best float64) bool {
	return math.Abs(high-low) <= math.Abs(worst-best)
}

// fill paints a triangle: in the colour of its height, or in bands of colours where it spans many.
func (m mesh) fill(c draw.Canvas, bright float64, corners ...vertex) {
	low, high := span(corners[0].z, corners[1].z, corners[2].z)
	top := m.limit() / m.ceiling
	for z := low; ; z += band * top {
		last := z+band*top >= high
		piece, middle := corners, (low+high)/2
		if !last || z > low {
			piece, middle = slab(corners, z, z+band*top), z+band*top/2
		}
		face := shaded(viridis(middle/top), bright)
		points := m.points(piece...)
		c.FillPolygon(face, points)
		if len(points) > 0 { // or the paper shows between two faces
			c.StrokeLines(draw.LineStyle{Color: face, Width: vg.Points(0.35)}, append(points, points[0]))
		}
		if last {
			return
		}
	}
}

// slab returns the part of a convex face between two heights.
func slab(face []vertex, low, high float64) []vertex {
	above := cut(face, func(v vertex) float64 { return v.z - low })
	return cut(above, func(v vertex) float64 { return high - v.z })
}

// cut returns the part of a convex face where a linear function is not negative.
func cut(face []vertex, of func(vertex) float64) (kept []vertex) {
	for i, a := range face {
		b := face[(i+1)%len(face)]
		fa, fb := of(a), of(b)
		if fa >= 0 {
			kept = append(kept, a)
		}
		if (fa < 0) != (fb < 0) {
			t := fa / (fa - fb)
			kept = append(kept, vertex{a.x + float64(t*(b.x-a.x)), a.y + float64(t*(b.y-a.y)), a.z + float64(t*(b.z-a.z))})
		}
	}
	return kept
}

// brightness lights a cell by the mean slope round it: the faces of a round cliff turn step by step, and the cliff does not.
func (m mesh) brightness(i, j int) float64 {
	const reach = 2
	n := len(m.Axis) - 1
	low, high, left, right := max(i-reach, 0), min(i+1+reach, n), max(j-reach, 0), min(j+1+reach, n)
	if !m.isCliff(i, j) {
		low, high, left, right = i, i+1, j, j+1
	}
	var slopeX, slopeY float64
	for row := low; row <= high; row++ {
		slopeX += m.vertex(row, right).z - m.vertex(row, left).z
	}
	for column := left; column <= right; column++ {
		slopeY += m.vertex(high, column).z - m.vertex(low, column).z
	}
	slopeX /= float64(high-low+1) * (m.unit(right) - m.unit(left))
	slopeY /= float64(right-left+1) * (m.unit(high) - m.unit(low))
	return light(slopeX*tallness, slopeY*tallness)
}

// extremes returns the lowest and the highest corner of a cell.
func (s Surface) extremes(i, j int) (low, high float64) {
	return span(s.Height[i][j], s.Height[i][j+1], s.Height[i+1][j], s.Height[i+1][j+1])
}

// isCliff reports whether the surface falls within a cell and hardly before and behind it, along one of the cell's edges.
func (s Surface) isCliff(i, j int) bool {
	n := len(s.Axis)
	falls := func(height func(k int) float64, k int) bool {
		jump, around := math.Abs(height(k+1)-height(k)), 0.0
		if k > 0 {
			around = math.Abs(height(k) - height(k-1))
		}
		if k+2 < n {
			around = max(around, math.Abs(height(k+2)-height(k+1)))
		}
		return jump > band*s.limit() && jump > 3*around
	}
	for _, side := range []int{0, 1} {
		if falls(func(k int) float64 { return s.Height[i+side][k] }, j) || falls(func(k int) float64 { return s.Height[k][j+side] }, i) {
			return true
		}
	}
	return false
}

// foot returns the lowest height of the cells round a cell, and whether one of them is part of a cliff.
func (s Surface) foot(i, j int) (lowest float64, cliff bool) {
	lowest = math.Inf(1)
	last := len(s.Axis) - 2
	for row := max(i-1, 0); row <= min(i+1, last); row++ {
		for column := max(j-1, 0); column <= min(j+1, last); column++ {
			low, _ := s.extremes(row, column)
			lowest, cliff = min(lowest, low), cliff || s.isCliff(row, column)
		}
	}
	return lowest, cliff
}

func (m mesh) unit(i int) float64 {
	return (m.Axis[i] - m.Axis[0]) / (m.Axis[len(m.Axis)-1] - m.Axis[0])
}

func (m mesh) vertex(i, j int) vertex {
	return vertex{m.unit(j), m.unit(i), m.Height[i][j] / m.ceiling}
}

func (m mesh) points(face ...vertex) []vg.Point {
	points := make([]vg.Point, len(face))
	for i, v := range face {
		points[i] = m.project(v.x, v.y, v.z)
	}
	return points
}

// drawBoundary draws the decision boundary on the surface, white dashes on ink as on any colour it must be seen. At a cliff it runs along
// the foot.
func (m mesh) drawBoundary(c draw.Canvas) {
	var pieces [][]vg.Point
	var piece []vg.Point
	for i := range m.Boundary.Curve {
		for _, at := range m.Boundary.between(i, m.Axis[1]-m.Axis[0]) {
			if !m.within(at) {
				pieces, piece = append(pieces, piece), nil
				continue
			}
			x, y := m.floor(at)
			j, _ := m.cell(x)
			i, _ := m.cell(y)
			z := m.heightAt(at)
			if low, cliff := m.foot(i, j); cliff {
				z = low
			}
			piece = append(piece, m.project(x, y, z/m.ceiling))
		}
	}
	for _, points := range append(pieces, piece) {
		if len(points) > 1 {
			c.StrokeLines(line(1.8, ink), points)
			c.StrokeLines(line(1.1, paper, vg.Points(3.5), vg.Points(2.2)), points)
		}
	}
}

// drawMarks draws the named points on the surface.
func (m mesh) drawMarks(c draw.Canvas) {
	for _, mark := range m.Marks {
		x, y := m.floor(mark.At)
		centre := m.project(x, y, m.heightAt(mark.At)/m.ceiling)
		c.DrawGlyph(draw.GlyphStyle{Color: color.Black, Radius: vg.Points(5.8), Shape: draw.CircleGlyph{}}, centre)
		c.DrawGlyph(draw.GlyphStyle{Color: paper, Radius: vg.Points(5.1), Shape: draw.CircleGlyph{}}, centre)
		c.FillText(aligned(bold(textStyle(7.5, ink)), draw.XCenter, draw.YCenter), centre, mark.Name)
	}
}

// within reports whether a point is on the plane of the surface.
func (s Surface) within(at ScorePair) bool {
	low, high := s.Axis[0], s.Axis[len(s.Axis)-1]
	return low <= at.Sn && at.Sn <= high && low <= at.Sp && at.Sp <= high
}

// floor returns where a point of the plane is on the floor [0, 1]² of the box.
func (s Surface) floor(at ScorePair) (x, y float64) {
	low, span := s.Axis[0], s.Axis[len(s.Axis)-1]-s.Axis[0]
	return (at.Sn - low) / span, (at.Sp - low) / span
}

// heightAt returns the height over a point, on the triangles that are drawn.
func (s Surface) heightAt(at ScorePair) float64 {
	across, up := s.floor(at)
	j, x := s.cell(across)
	i, y := s.cell(up)
	low, worst, best, high := s.Height[i][j], s.Height[i][j+1], s.Height[i+1][j], s.Height[i+1][j+1]
	switch along := alongBoundary(low, high, worst, best); {
	case along && x >= y:
		return low + float64(x*(worst-low)) + float64(y*(high-worst))
	case along:
		return low + float64(y*(best-low)) + float64(x*(high-best))
	case x+y <= 1:
		return low + float64(x*(worst-low)) + float64(y*(best-low))
	default:
		return high + float64((1-x)*(best-high)) + float64((1-y)*(worst-high))
	}
}
