package omniglot

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Retrieve searches among the alphabets that were held out: each drawing looks for its likes.
func (t Trained) Retrieve() (eval.Metrics, error) {
	held, err := Held()
	if err != nil {
		return eval.Metrics{}, err
	}
	set, err := t.Embedder.EmbedSet(held)
	if err != nil {
		return eval.Metrics{}, err
	}
	retrieval, err := eval.Retrieve(set, eval.Options{})
	return retrieval.Metrics, err
}

// Table judges trainings by retrieval, a row each, as text.
func Table(trained ...Trained) (header []string, rows [][]string, err error) {
	for _, t := range trained {
		scores, err := t.Retrieve()
		if err != nil {
			return nil, nil, err
		}
		row := []string{t.Name, "–", "–", "–"}
		if n := len(t.History); n > 0 {
			first, last := t.History[0], t.History[n-1]
			row = []string{t.Name, fmt.Sprintf("%.3g → %.3g", first.Loss, last.Loss), mean(last.Negative), mean(last.Positive)}
		}
		rows = append(rows, append(row, fmt.Sprintf("%.1f %%", 100*scores.PrecisionAt1), fmt.Sprintf("%.1f %%", 100*scores.MAPAtR)))
	}
	return []string{"training", "value", "s_n at last", "s_p at last", "precision@1, new alphabets", "MAP@R"}, rows, nil
}

// mean returns that of a batch's pairs of a kind, as text: a dash where the batch had none.
func mean(s train.Summary) string {
	if s == (train.Summary{}) {
		return "–"
	}
	return fmt.Sprintf("%.2f", s.Mean)
}

// Neighbours returns some drawings of the alphabets held out, evenly chosen, each with its most similar ones among all others.
func (t Trained) Neighbours(queries, neighbours int) ([]viz.GalleryRow, error) {
	held, err := Held()
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
			pictures = append(pictures, picture(data.Resize(drawing, 56)))
		}
		r := viz.GalleryRow{Query: pictures[0]}
		for k, i := range order {
			r.Neighbours = append(r.Neighbours, viz.Retrieved{
				Image: pictures[k+1], Similarity: cosine(set, query, i), Right: set.Labels[i] == set.Labels[query]})
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

// cosine returns that of two of a set's vectors, of length 1.
func cosine(set eval.Set, i, j int) float64 { return dot(vector(set, i), vector(set, j)) }

func vector(set eval.Set, i int) []float32 { return set.Embeddings[i*set.Dim : (i+1)*set.Dim] }

// dot returns the cosine of float32 vectors that are of length 1 but for rounding.
func dot(x, y []float32) (sum float64) {
	for k := range x {
		sum += float64(x[k]) * float64(y[k])
	}
	return min(max(sum, -1), 1)
}

// picture shows a gray image as it is.
func picture(m data.Image) image.Image {
	out := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
	for i, light := range m.Pixels {
		out.SetGray(i%m.Width, i/m.Width, color.Gray{Y: uint8(math.Round(255 * float64(min(max(light, 0), 1))))})
	}
	return out
}
