package evaluation

import (
	"cmp"
	"fmt"
	"image"
	"image/color"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// What a page shows of mistakes at most.
const (
	mostMistakes = 24
	neighboursOf = 6
)

// picture says which image one is.
type picture struct{ Class, Path string }

// mistake is a query and the nearest image, which is of another class.
type mistake struct{ Query, Found picture }

// worst holds the queries whose own class is the farthest behind a wrong one.
type worst struct {
	caption  string // empty: there are none
	drawn    viz.Figure
	mistakes []mistake
}

// worstMistakes finds and draws them.
func worstMistakes(of embedded) (w worst, err error) {
	all, err := eval.Mistakes(of.set)
	if err != nil || len(all) == 0 || of.images.Format().Features > 0 {
		return w, err
	}
	named := func(i int) picture {
		return picture{of.images.Classes()[of.images.Label(i)], cmp.Or(data.Source(of.images, i), fmt.Sprintf("number %d", i))}
	}
	mistakes := all[:min(len(all), mostMistakes)]
	queries := eval.Set{Dim: of.set.Dim}
	for _, m := range mistakes {
		queries.Embeddings = append(queries.Embeddings, of.set.Embeddings[m.Query*of.set.Dim:(m.Query+1)*of.set.Dim]...)
		queries.Labels = append(queries.Labels, of.set.Labels[m.Query])
	}
	found, err := eval.Neighbours(queries, of.set, neighboursOf+1)
	if err != nil {
		return w, err
	}
	var rows []viz.GalleryRow
	for i, m := range mistakes {
		query, err := Thumbnail(of.images, m.Query)
		if err != nil {
			return w, err
		}
		row := viz.GalleryRow{Query: query}
		w.mistakes = append(w.mistakes, mistake{named(m.Query), named(m.Nearest)})
		for _, n := range found[i] {
			if n.Index == m.Query || len(row.Neighbours) == neighboursOf {
				continue
			}
			thumbnail, err := Thumbnail(of.images, n.Index)
			if err != nil {
				return w, err
			}
			row.Neighbours = append(row.Neighbours, viz.Retrieved{
				Image: thumbnail, Similarity: 1 - n.Distance*n.Distance/2, // of vectors of length 1
				Right: of.set.Labels[n.Index] == of.set.Labels[m.Query],
			})
		}
		rows = append(rows, row)
	}
	w.caption = fmt.Sprintf("The %d of %d wrong nearest neighbours that are farthest ahead of the right class, with their cosines.", len(rows), len(all))
	w.drawn, err = viz.Gallery("The worst mistakes", rows)
	return w, err
}

// Thumbnail returns image i of a set as a small picture.
func Thumbnail(set data.Dataset, i int) (image.Image, error) {
	const side = 64
	m, err := set.Image(i)
	if err != nil {
		return nil, err
	}
	m = data.Resize(m, side)
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			p := y*side + x
			if m.Channels() == 1 {
				out.Set(x, y, color.Gray{Y: byte(255 * min(1, max(0, m.Pixels[p])))})
				continue
			}
			at := func(c int) byte { return byte(255 * min(1, max(0, m.Pixels[3*p+c]))) }
			out.Set(x, y, color.RGBA{at(0), at(1), at(2), 255})
		}
	}
	return out, nil
}
