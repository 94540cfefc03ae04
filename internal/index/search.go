package index

import (
	"fmt"

	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// Hit is a neighbour of a query.
type Hit struct {
	Rank       int     `json:"rank"` // from 1
	Similarity float64 `json:"similarity"`
	Image
}

// Networks returns the networks of an index, or an error unless they make embeddings of its length.
func (x *Index) Networks() (ensemble.Checkpoints, error) {
	networks, err := ensemble.Read(modelDirs(x.dir, len(x.Checkpoints)), x.Views)
	if err != nil {
		return networks, fmt.Errorf("index %s: %w", x.dir, err)
	}
	dim := 0
	for _, m := range networks.Manifests {
		dim += m.Config.Dim
	}
	if dim != x.Dim {
		return networks, fmt.Errorf("index %s has embeddings of %d numbers, and its networks make %d: export it again", x.dir, x.Dim, dim)
	}
	return networks, nil
}

// ByPictures returns the networks of an index that are asked by pictures, or an error where they take rows of features.
func (x *Index) ByPictures() (ensemble.Checkpoints, error) {
	networks, err := x.Networks()
	for _, m := range networks.Manifests {
		if err == nil && !m.Config.TakesPictures() {
			err = x.rowsOnly()
		}
	}
	return networks, err
}

// rowsOnly returns the error of an index that is asked by a picture and is of rows of features.
func (x *Index) rowsOnly() error {
	return fmt.Errorf("search: index %s is of %s, rows of features, and --query takes pictures: compare rows by the embeddings in its %s",
		x.dir, x.Data, vectorsName)
}

// Asker embeds pictures as those of an index were.
type Asker interface {
	Embed(images ...data.Image) ([]float32, error)
	Dim() int
}

// Search returns, for each of some images, so many of the index's that are most like it, the most similar first. They are embedded by the
// networks of [Index.Networks], or by that of [Index.AsItIs]. Per class only the nearest of each class is returned.
func (x *Index) Search(by Asker, images []data.Image, top int, perClass bool) ([][]Hit, error) {
	vectors, err := by.Embed(images...)
	if err != nil {
		return nil, err
	}
	queries := eval.Set{Dim: by.Dim(), Embeddings: vectors, Labels: make([]int32, len(images))}
	for asked := top; ; asked *= 2 { // of one class there may be many
		neighbours, err := eval.Neighbours(queries, x.Set, asked)
		if err != nil {
			return nil, err
		}
		hits, enough := make([][]Hit, len(images)), true
		for q, near := range neighbours {
			hits[q] = x.hits(near, top, perClass)
			enough = enough && len(hits[q]) == top
		}
		if enough || !perClass || asked >= x.Count {
			return hits, nil
		}
	}
}

// hits returns the first of some neighbours, or the first of each class.
func (x *Index) hits(near []eval.Neighbour, top int, perClass bool) (hits []Hit) {
	there := map[string]bool{}
	for _, n := range near {
		image := x.Images[n.Index]
		if perClass && there[image.Class] {
			continue
		}
		if len(hits) == top {
			break
		}
		there[image.Class] = true
		hits = append(hits, Hit{len(hits) + 1, 1 - n.Distance*n.Distance/2, image}) // of vectors of length 1
	}
	return hits
}
