package tryout

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/unipair/unipair/notebooks/study"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Similarities is the history of the scores in a training's batches: the mean, and a band from the 5 % to the 95 % quantile.
func (t Trained) Similarities() viz.LineChart { return study.Similarities(t.Name, t.History) }

// Values is the history of a training's loss.
func (t Trained) Values() viz.Curve {
	c := viz.Curve{Name: t.Name}
	for _, record := range t.History {
		c.X, c.Mean = append(c.X, float64(record.Step)), append(c.Mean, record.Loss)
	}
	return c
}

// Lowest is the step of a training at which its loss was least.
func (t Trained) Lowest() train.Record {
	return slices.MinFunc(t.History, func(a, b train.Record) int { return cmp.Compare(a.Loss, b.Loss) })
}

// Scatter is where the hardest pairs of a training lie, see [Trained.Extremes].
func (t Trained) Scatter(title string) (viz.Scatter, error) {
	points, err := t.Extremes()
	return viz.Scatter{Title: title, Points: points, Boundary: t.Boundary}, err
}

// Neighbours are some drawings of the alphabets held out, evenly chosen, each with its most similar ones among all others.
func (t Trained) Neighbours(queries, neighbours int) ([]viz.GalleryRow, error) {
	_, held, err := Sets()
	if err != nil {
		return nil, err
	}
	set, err := t.Embedder.EmbedSet(held)
	if err != nil {
		return nil, err
	}
	var all []viz.GalleryRow
	for q := range queries {
		query := (2*q + 1) * set.Len() / (2 * queries)
		order := nearest(set, query)[:neighbours]
		pictures := make([]image.Image, 0, neighbours+1)
		for _, i := range append([]int{query}, order...) {
			drawing, err := held.Image(i)
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, study.Picture(data.Resize(drawing, 56)))
		}
		r := viz.GalleryRow{Query: pictures[0]}
		for k, i := range order {
			r.Neighbours = append(r.Neighbours, viz.Retrieved{Image: pictures[k+1], Similarity: cosine(set, query, i), Right: set.Labels[i] == set.Labels[query]})
		}
		all = append(all, r)
	}
	return all, nil
}

// nearest lists all vectors but one by their similarity to it, the most similar first.
func nearest(set eval.Set, query int) (order []int) {
	for i := range set.Len() {
		if i != query {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cosine(set, query, b), cosine(set, query, a)) })
	return order
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

// Ranges sums up curves of a sweep, a row each, as text.
func Ranges(setting string, curves ...viz.Curve) (rows [][]string) {
	for _, v := range curves {
		least, leastAt, greatest, greatestAt := Range(v)
		rows = append(rows, []string{v.Name, setting, fmt.Sprintf("%.1f %%, at %g", greatest, greatestAt),
			fmt.Sprintf("%.1f %%, at %g", least, leastAt), fmt.Sprintf("%.1f", greatest-least)})
	}
	return rows
}
