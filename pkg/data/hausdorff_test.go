package data_test

import (
	"math"

	"github.com/unipair/unipair/pkg/data"
)

// hausdorffErrors counts the test images of a run whose nearest training image is of another character, the first of
// equally near ones. The distance is Omniglot's own baseline:
//
//	M.-P. Dubuisson, A. K. Jain, "A modified Hausdorff distance for object matching", ICPR 1994.
func hausdorffErrors(run data.OneShotRun) int {
	training := make([]strokes, len(run.Training))
	for i, m := range run.Training {
		training[i] = strokesOf(m)
	}
	wrong := 0
	for i, m := range run.Test {
		test, best, answer := strokesOf(m), math.Inf(1), -1
		for j, other := range training {
			if d := max(test.to(other), other.to(test)); d < best {
				best, answer = d, j
			}
		}
		if answer != run.Answer[i] {
			wrong++
		}
	}
	return wrong
}

// strokes are the places of an image's ink, and in each row, for each column, the next ink to the left and to the right
// (columns far away where there is none). Places are compared about their mean.
type strokes struct {
	width, height int
	places        [][2]int
	meanX, meanY  float64
	left, right   []int
}

func strokesOf(m data.Image) strokes {
	const none = 1 << 20
	s := strokes{width: m.Width, height: m.Height, left: make([]int, len(m.Pixels)), right: make([]int, len(m.Pixels))}
	for y := range m.Height {
		last := -none
		for x := range m.Width {
			if m.Pixels[y*m.Width+x] < 0.5 {
				last = x
				s.places = append(s.places, [2]int{x, y})
				s.meanX, s.meanY = s.meanX+float64(x), s.meanY+float64(y)
			}
			s.left[y*m.Width+x] = last
		}
		last = none
		for x := m.Width - 1; x >= 0; x-- {
			if m.Pixels[y*m.Width+x] < 0.5 {
				last = x
			}
			s.right[y*m.Width+x] = last
		}
	}
	s.meanX, s.meanY = s.meanX/float64(len(s.places)), s.meanY/float64(len(s.places))
	return s
}

// to is the mean distance of the places of a to the nearest place of b.
func (a strokes) to(b strokes) float64 {
	sum := 0.0
	for _, place := range a.places {
		sum += math.Sqrt(b.nearest(float64(place[0])-a.meanX+b.meanX, float64(place[1])-a.meanY+b.meanY))
	}
	return sum / float64(len(a.places))
}

// nearest is the squared distance of a point to the nearest place, found in rows ever further from it.
func (s strokes) nearest(x, y float64) float64 {
	best := math.Inf(1)
	middle, column := int(math.Floor(y)), min(max(int(math.Floor(x)), 0), s.width-1)
	search := func(row int) {
		if row < 0 || row >= s.height {
			return
		}
		dy := float64(row) - y
		for _, ink := range [...]int{s.left[row*s.width+column], s.right[row*s.width+column], s.right[row*s.width+min(column+1, s.width-1)]} {
			dx := float64(ink) - x
			best = min(best, dx*dx+dy*dy)
		}
	}
	for away := 0; float64(away-1)*float64(away-1) < best && away <= s.height+abs(middle); away++ {
		search(middle - away)
		search(middle + 1 + away)
	}
	return best
}

func abs(n int) int { return max(n, -n) }
