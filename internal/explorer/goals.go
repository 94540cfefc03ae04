package explorer

import (
	"cmp"
	"math"
	"slices"
)

// Goals are points of a boundary, and what its paper promises there: s_n below and s_p above those of the corner.
type Goals struct {
	T, Prime *[2]float64 // s_n, s_p; none where the boundary has no such points
	Corner   *[2]float64
	Straight bool // the gap s_p − s_n is the same all along, so that T and T′ are any two points
}

// goalsOf finds T and T′ on a boundary. On a straight one they are the paper's, at s_n = 0.2 and 0.4 as in its figure 1. On a bent one T
// has the least gap s_p − s_n, the paper's reason for it, and T′ lies three quarters of the way in s_n to the end.
// The cells of the grid are as wide as cell.
func goalsOf(b Boundary, cell float64) Goals {
	var at [][2]float64 // in the order of s_n + s_p, along the boundary
	for _, s := range b.Segments {
		for _, p := range [][2]float64{{s[0], s[1]}, {s[2], s[3]}} {
			if p[0] >= 0 && p[1] >= 0 {
				at = append(at, p)
			}
		}
	}
	slices.SortFunc(at, func(p, q [2]float64) int { return cmp.Compare(p[0]+p[1], q[0]+q[1]) })
	at = slices.CompactFunc(at, func(p, q [2]float64) bool { return math.Hypot(p[0]-q[0], p[1]-q[1]) < 1e-9 })
	if len(at) < 5 {
		return Goals{}
	}
	for i := range at[1:] {
		if math.Hypot(at[i+1][0]-at[i][0], at[i+1][1]-at[i][1]) > 2*cell { // a boundary of several pieces has no such points
			return Goals{}
		}
	}
	gap := func(i int) float64 { return at[i][1] - at[i][0] }
	least, most := 0, 0
	for i := range at {
		if gap(i) < gap(least) {
			least = i
		}
		if gap(i) > gap(most) {
			most = i
		}
	}
	if gap(most)-gap(least) < 1e-3 {
		m := (gap(most) + gap(least)) / 2
		if m < 0 || m > 0.6 {
			return Goals{}
		}
		return Goals{&[2]float64{0.2, 0.2 + m}, &[2]float64{0.4, 0.4 + m}, &[2]float64{m, 1 - m}, true}
	}
	if least == 0 || least == len(at)-1 {
		return Goals{}
	}
	t := vertex(at[least-1], at[least], at[least+1])
	beyond := t[0] + (at[len(at)-1][0]-t[0])*3/4
	prime := slices.MinFunc(at[least:], func(p, q [2]float64) int { return cmp.Compare(math.Abs(p[0]-beyond), math.Abs(q[0]-beyond)) })
	return Goals{&t, &prime, &t, false}
}

// vertex returns the point of the least gap on the parabola through three points, of gaps over sums; the middle one, if there is no such
// parabola.
func vertex(a, b, c [2]float64) [2]float64 {
	gap := func(p [2]float64) float64 { return p[1] - p[0] }
	sum := func(p [2]float64) float64 { return p[1] + p[0] }
	before, behind := sum(b)-sum(a), sum(c)-sum(b)
	if !(before > 1e-9 && behind > 1e-9) {
		return b
	}
	slope, next := (gap(b)-gap(a))/before, (gap(c)-gap(b))/behind
	bend := (next - slope) / (before + behind)
	if !(bend > 0) {
		return b
	}
	x := min(max((sum(a)+sum(b))/2-slope/(2*bend), sum(a)), sum(c))
	y := gap(a) + (x-sum(a))*(slope+bend*(x-sum(b)))
	return [2]float64{(x - y) / 2, (x + y) / 2}
}

// aimOf returns the point that the pushes on the unit square point to, by least squares, if all of them do.
func aimOf(grid Sample, sn, sp []float64) *[2]float64 {
	// Σ of n nᵀ and of n nᵀ p, where n is across the push at p.
	var xx, xy, yy, x, y, most float64
	most = strongest(grid)
	var at, across [][2]float64
	for i := range grid.Value {
		pull := math.Hypot(grid.Sn[i], grid.Sp[i])
		if sn[i] < 0 || sp[i] < 0 || !(pull > 1e-6*most) {
			continue
		}
		n, p := [2]float64{-grid.Sp[i] / pull, grid.Sn[i] / pull}, [2]float64{sn[i], sp[i]}
		along := n[0]*p[0] + n[1]*p[1]
		xx, xy, yy, x, y = xx+n[0]*n[0], xy+n[0]*n[1], yy+n[1]*n[1], x+n[0]*along, y+n[1]*along
		at, across = append(at, p), append(across, n)
	}
	determinant := xx*yy - xy*xy
	if len(at) < 4 || !(determinant > 1e-6*(xx+yy)*(xx+yy)) { // they are parallel
		return nil
	}
	aim := [2]float64{(yy*x - xy*y) / determinant, (xx*y - xy*x) / determinant}
	for i, p := range at {
		if off := across[i][0]*(aim[0]-p[0]) + across[i][1]*(aim[1]-p[1]); !(math.Abs(off) < 1e-6) {
			return nil
		}
	}
	return &aim
}
