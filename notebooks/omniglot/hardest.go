package omniglot

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// Extremes returns what a loss with a large γ listens to. Batches are random, of the learnt alphabets, 24 characters × 4 drawings as in
// training. Of each image it takes the least similar of its likes and the most similar of the rest.
func (t Trained) Extremes() ([]viz.ScorePair, error) {
	learn, err := t.Budget.learns()
	if err != nil {
		return nil, err
	}
	set, err := t.Embedder.EmbedSet(learn)
	if err != nil {
		return nil, err
	}
	return extremes(set, len(learn.Classes()), 5), nil
}

func extremes(set eval.Set, classes, batches int) (points []viz.ScorePair) {
	random := rand.New(rand.NewPCG(1, 0))
	members := make([][]int, classes)
	for i, label := range set.Labels {
		members[label] = append(members[label], i)
	}
	for range batches {
		var batch []int
		for _, class := range random.Perm(classes)[:min(24, classes)] {
			for _, k := range random.Perm(len(members[class]))[:min(4, len(members[class]))] {
				batch = append(batch, members[class][k])
			}
		}
		for _, i := range batch {
			point := viz.ScorePair{Sn: -1, Sp: 1}
			for _, j := range batch {
				switch s := cosine(set, i, j); {
				case i == j:
				case set.Labels[i] == set.Labels[j]:
					point.Sp = min(point.Sp, s)
				default:
					point.Sn = max(point.Sn, s)
				}
			}
			points = append(points, point)
		}
	}
	return points
}

// Scatter returns where the hardest pairs of a training lie, see [Trained.Extremes].
func (t Trained) Scatter(title string) (viz.Scatter, error) {
	points, err := t.Extremes()
	return viz.Scatter{Title: title, Points: points, Boundary: t.Boundary}, err
}

// Cloud sums up points in the plane of scores.
type Cloud struct {
	Centre, Spread viz.ScorePair // mean and standard deviation of each score
	Along, Across  float64       // standard deviation along the diagonal s_p = s_n, which a loss of s_n − s_p cannot see, and across it
	Right          float64       // fraction with s_p > s_n
}

// CloudOf sums up points.
func CloudOf(points []viz.ScorePair) Cloud {
	var sn, sp, along, across []float64
	right := 0.0
	for _, p := range points {
		sn, sp = append(sn, p.Sn), append(sp, p.Sp)
		along, across = append(along, (p.Sn+p.Sp)/math.Sqrt2), append(across, (p.Sp-p.Sn)/math.Sqrt2)
		if p.Sp > p.Sn {
			right++
		}
	}
	var c Cloud
	c.Centre.Sn, c.Spread.Sn = Spread(sn)
	c.Centre.Sp, c.Spread.Sp = Spread(sp)
	_, c.Along = Spread(along)
	_, c.Across = Spread(across)
	c.Right = right / float64(len(points))
	return c
}

// Spread returns the mean and the standard deviation (n − 1) of values; one value alone has 0.
func Spread(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / math.Max(1, float64(len(values)-1)))
}

// Clouds sums up the hardest pairs of trainings, a row each, as text. The least scatter along the diagonal is marked, the first training,
// which is what they are compared with, left out.
func Clouds(trained ...Trained) (header []string, rows [][]string, err error) {
	least, at := math.Inf(1), 0
	for i, t := range trained {
		points, err := t.Extremes()
		if err != nil {
			return nil, nil, err
		}
		c := CloudOf(points)
		if i > 0 && c.Along < least {
			least, at = c.Along, i
		}
		rows = append(rows, c.row(t.Name))
	}
	if at > 0 {
		rows[at][3] += " (least)"
	}
	return []string{"hardest pairs", "s_n", "s_p", "scatter along the diagonal", "across it", "s_p > s_n"}, rows, nil
}

func (c Cloud) row(name string) []string {
	return []string{name, fmt.Sprintf("%.2f ± %.2f", c.Centre.Sn, c.Spread.Sn), fmt.Sprintf("%.2f ± %.2f", c.Centre.Sp, c.Spread.Sp),
		fmt.Sprintf("%.3f", c.Along), fmt.Sprintf("%.3f", c.Across), fmt.Sprintf("%.0f %%", 100*c.Right)}
}
