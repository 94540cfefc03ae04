package explorer

import "math"

// Boundary holds the line segments in the plane at which a loss changes from pushing to resting.
type Boundary struct {
	About    string       // what is drawn
	Segments [][4]float64 // s_n, s_p of one end and of the other
}

// halvings counts how often a crossing is narrowed down between two points of the grid.
const halvings = 8

// evaluate is the loss at points; inside tells whether one of them is on the boundary's inner side.
type (
	evaluate func(sn, sp []float64) (Sample, error)
	inside   func(s Sample, i int) bool
)

// crossing is an edge of the grid that the boundary crosses; it lies between the points inside and outside.
type crossing struct {
	inside, outside [2]float64 // s_n, s_p; inside, the loss pushes
}

// findBoundary looks for the edge of where the loss is at rest, value and gradient 0, as hinges have it. For a loss without such an edge
// it is the level line L = log 2, on which log(1 + exp(x)) has x = 0. That is the paper's boundary.
func findBoundary(axis []float64, grid Sample, at evaluate) (Boundary, error) {
	pushes := func(s Sample, i int) bool { return s.Value[i] != 0 || s.Sn[i] != 0 || s.Sp[i] != 0 }
	edge, steepest, err := trace(axis, grid, at, pushes)
	if err != nil {
		return Boundary{}, err
	}
	// exp(−750) is 0, too: only where the loss pushes at once behind its edge is it a hinge's.
	if len(edge) > 1 && steepest > 1e-6*strongest(grid) { // a single piece cuts off a corner: a point of rest, no region
		return Boundary{"the edge of L = 0", edge}, nil
	}
	level, _, err := trace(axis, grid, at, func(s Sample, i int) bool { return s.Value[i] > math.Ln2 })
	return Boundary{"the level line L = log 2", level}, err
}

func strongest(s Sample) (most float64) {
	for i := range s.Value {
		most = max(most, math.Abs(s.Sn[i])+math.Abs(s.Sp[i]))
	}
	return most
}

// trace cuts every cell of the grid by the line between the points that are in and those that are not. It returns the pieces with the
// strongest pull at their inner sides.
func trace(axis []float64, grid Sample, at evaluate, in inside) ([][4]float64, float64, error) {
	n := len(axis)
	number := map[[2]int]int{} // of the edge between two indices of the grid
	var crossings []crossing
	var pieces [][2]int
	cross := func(a, b int) int {
		key := [2]int{min(a, b), max(a, b)}
		if i, known := number[key]; known {
			return i
		}
		if !in(grid, a) {
			a, b = b, a
		}
		place := func(i int) [2]float64 { return [2]float64{axis[i%n], axis[i/n]} }
		number[key] = len(crossings)
		crossings = append(crossings, crossing{place(a), place(b)})
		return number[key]
	}
	for row := range n - 1 {
		for column := range n - 1 {
			corner := row*n + column
			var cut []int
			for _, edge := range [][2]int{{corner, corner + 1}, {corner + 1, corner + n + 1}, {corner + n + 1, corner + n}, {corner + n, corner}} {
				if in(grid, edge[0]) != in(grid, edge[1]) {
					cut = append(cut, cross(edge[0], edge[1]))
				}
			}
			for i := 0; i+1 < len(cut); i += 2 { // four cuts are a saddle: either pairing is as good
				pieces = append(pieces, [2]int{cut[i], cut[i+1]})
			}
		}
	}
	if len(crossings) == 0 {
		return nil, 0, nil
	}
	steepest, err := narrow(crossings, at, in)
	segments := make([][4]float64, len(pieces))
	for i, p := range pieces {
		a, b := crossings[p[0]].inside, crossings[p[1]].inside
		segments[i] = [4]float64{a[0], a[1], b[0], b[1]}
	}
	return segments, steepest, err
}

// narrow halves every crossing some times, all of them at once, and returns the strongest pull at the ends that are inside.
func narrow(crossings []crossing, at evaluate, in inside) (steepest float64, err error) {
	sn, sp := make([]float64, len(crossings)), make([]float64, len(crossings))
	for range halvings {
		for i, c := range crossings {
			sn[i], sp[i] = (c.inside[0]+c.outside[0])/2, (c.inside[1]+c.outside[1])/2
		}
		sample, err := at(sn, sp)
		if err != nil {
			return 0, err
		}
		for i := range crossings {
			end := &crossings[i].outside
			if in(sample, i) {
				end = &crossings[i].inside
			}
			*end = [2]float64{sn[i], sp[i]}
		}
	}
	for i, c := range crossings {
		sn[i], sp[i] = c.inside[0], c.inside[1]
	}
	sample, err := at(sn, sp)
	return strongest(sample), err
}
