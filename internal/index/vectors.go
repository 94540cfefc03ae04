package index

import (
	"fmt"

	"github.com/unipair/unipair/internal/npy"
)

// readVectors reads the embeddings of an index, row by row. Their shape is compared with what the index says before room is made for them.
func readVectors(path string, count, dim int) ([]float32, error) {
	array, opened, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	switch {
	case array.KindName() != "float32" || array.Fortran || len(array.Shape) != 2:
		return nil, fmt.Errorf("it has %s of the shape %v, want rows of float32", array.KindName(), array.Shape)
	case array.Shape[0] != count || array.Shape[1] != dim:
		return nil, fmt.Errorf("it has the shape [%d, %d], and %s says [%d, %d]", array.Shape[0], array.Shape[1], indexName, count, dim)
	}
	numbers, _, err := array.Numbers()
	return numbers, err
}
