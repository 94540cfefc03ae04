package compare

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// mostDisagreements bounds the queries that a page shows of those which only one of two losses gets right.
const mostDisagreements = 12

// disagreements draws queries of which one of the two best losses, by its first seed, finds one of their class and the other does not. Where
// that cannot be drawn, why says so.
func (c *Comparison) disagreements(ctx context.Context, backend compute.Backend, r Result) (why, caption string, drawn viz.Figure, err error) {
	var two []string
	for _, row := range r.Rows {
		if !row.Baseline && row.Failed == 0 && len(two) < 2 {
			two = append(two, row.Name)
		}
	}
	pictures := c.pictures.Test
	switch {
	case len(two) < 2:
		return "The queries on which losses disagree are not drawn: there are no two whose trainings all came to an end.", "", drawn, nil
	case pictures.Queries == nil:
		return "The queries on which losses disagree are not drawn: within each official run there are two images of a class.", "", drawn, nil
	case pictures.Queries.Format().Features > 0:
		return "The queries on which losses disagree are not drawn: they are features, and have no pictures.", "", drawn, nil
	}
	if _, cameras := data.Cameras(pictures.Queries); cameras {
		return "The queries on which losses disagree are not drawn: they are searched across cameras.", "", drawn, nil
	}
	var nearest [2][]eval.Neighbour
	for i, loss := range two {
		network, err := c.compiled.Load(backend, c.runDir(phaseSeed, loss, 1))
		if err == nil {
			nearest[i], err = nearestBy(ctx, c.behindFront(network), c.parts.Test)
		}
		if err != nil {
			return "", "", drawn, fmt.Errorf("compare: %s: %w", loss, err)
		}
	}
	searched := pictures.Searched()
	right := func(q, found int) bool {
		return searched.Classes()[searched.Label(found)] == pictures.Queries.Classes()[pictures.Queries.Label(q)]
	}
	var alone [2]int
	var rows []viz.GalleryRow
	for q := range pictures.Queries.Len() {
		a, b := nearest[0][q], nearest[1][q]
		rightA, rightB := right(q, a.Index), right(q, b.Index)
		if rightA == rightB {
			continue
		}
		of := 0
		if rightB {
			of = 1
		}
		if alone[of]++; alone[of] > mostDisagreements {
			continue
		}
		row := viz.GalleryRow{}
		if row.Query, err = evaluation.Thumbnail(pictures.Queries, q); err != nil {
			return "", "", drawn, err
		}
		for _, found := range []eval.Neighbour{a, b} {
			picture, err := evaluation.Thumbnail(searched, found.Index)
			if err != nil {
				return "", "", drawn, err
			}
			row.Neighbours = append(row.Neighbours, viz.Retrieved{
				Image: picture, Similarity: 1 - found.Distance*found.Distance/2, // of vectors of length 1
				Right: right(q, found.Index),
			})
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return fmt.Sprintf("%s and %s disagree on no query, by their first seed.", two[0], two[1]), "", drawn, nil
	}
	caption = fmt.Sprintf("What is nearest to a query by %s (1) and by %s (2), where one of them is right, of their first seeds: %d of %d queries are "+
		"found by the first alone, %d by the second alone; up to %d of each are shown, with their cosines.",
		two[0], two[1], alone[0], pictures.Queries.Len(), alone[1], mostDisagreements)
	drawn, err = viz.Gallery("Where the best two disagree", rows)
	return "", caption, drawn, err
}

// nearestBy returns the nearest image of each query, itself left out.
func nearestBy(ctx context.Context, network evaluation.Network, part datasets.Part) ([]eval.Neighbour, error) {
	set, err := network.EmbedSet(datasets.Until(ctx, part.Queries))
	if err != nil {
		return nil, err
	}
	var found [][]eval.Neighbour
	if part.Gallery == nil {
		found, err = eval.NeighboursWithin(set, 1)
	} else {
		var gallery eval.Set
		if gallery, err = network.EmbedSet(datasets.Until(ctx, part.Gallery)); err == nil {
			found, err = eval.Neighbours(set, gallery, 1)
		}
	}
	if err != nil {
		return nil, err
	}
	nearest := make([]eval.Neighbour, len(found))
	for q := range nearest {
		nearest[q] = found[q][0]
	}
	return nearest, nil
}
