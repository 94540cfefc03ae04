package train

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses"
)

// watched bounds the images of a batch that the history looks at. Their pairs grow with the square, and a batch may be one that is
// streamed because its pairs do not fit into memory. Classes are drawn in no order, so the first are as good as any.
const watched = 1024

// cosines returns the similarities among a batch, for the history: of the first [watched] images of a larger one.
func cosines(embeddings *graph.Node) *graph.Node {
	fixed := graph.StopGradient(embeddings)
	if fixed.Shape().Dim(0) > watched {
		fixed = graph.SliceAxis(fixed, 0, graph.AxisRangeFromStart(watched))
	}
	return losses.Cosine.Of(fixed, fixed)
}

// rows says what each row of a batch is of, on the host.
type rows struct {
	classes []int32
	images  []int32 // their numbers in the set; nil where none comes twice
	labels  [][]int // of each, rising; nil where each has its class alone
}

// alike reports whether two rows belong together: are of one class, or share a label.
func (r rows) alike(i, j int) bool {
	if r.labels == nil {
		return r.classes[i] == r.classes[j]
	}
	return slices.ContainsFunc(r.labels[i], func(label int) bool { return slices.Contains(r.labels[j], label) })
}

// same reports whether two rows are of one image.
func (r rows) same(i, j int) bool { return i == j || r.images != nil && r.images[i] == r.images[j] }

// first returns the first n of them.
func (r rows) first(n int) rows {
	n = min(n, len(r.classes))
	return rows{r.classes[:n], r.images[:min(n, len(r.images))], r.labels[:min(n, len(r.labels))]}
}

// pairs sorts the similarities [n, n] of a batch into those within a class and those between classes, each pair once.
func pairs(similarities []float32, of rows) (positive, negative []float32) {
	n := len(of.classes)
	for i := range n {
		for j := range i {
			switch {
			case !of.alike(i, j):
				negative = append(negative, similarities[i*n+j])
			case !of.same(i, j):
				positive = append(positive, similarities[i*n+j])
			}
		}
	}
	return positive, negative
}

// recallAt1 returns the fraction of a batch's images whose most similar other one is of their class, among those that have another; the
// first of equals counts. It is 0 where none has.
func recallAt1(similarities []float32, of rows) float64 {
	n, hits, asked := len(of.classes), 0, 0
	for i := range n {
		nearest, findable := -1, false
		for j := range n {
			if of.same(i, j) {
				continue
			}
			findable = findable || of.alike(i, j)
			if nearest < 0 || similarities[i*n+j] > similarities[i*n+nearest] {
				nearest = j
			}
		}
		if !findable {
			continue
		}
		asked++
		if of.alike(nearest, i) {
			hits++
		}
	}
	return float64(hits) / float64(max(1, asked))
}
