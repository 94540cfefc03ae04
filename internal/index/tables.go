package index

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/unipair/unipair/pkg/eval"
)

// writeCSV writes index, class and path of each image, and its numbers as columns e0, e1 and so on where the set has any.
func writeCSV(w io.Writer, images []Image, set eval.Set) error {
	table := csv.NewWriter(w)
	head := []string{"index", "class", "path"}
	for i := range set.Dim {
		head = append(head, "e"+strconv.Itoa(i))
	}
	err := table.Write(head)
	for i, image := range images {
		line := []string{strconv.Itoa(image.Index), image.Class, image.Path}
		for j := range set.Dim {
			line = append(line, strconv.FormatFloat(float64(set.Embeddings[i*set.Dim+j]), 'g', -1, 32))
		}
		err = errors.Join(err, table.Write(line))
	}
	table.Flush()
	return errors.Join(err, table.Error())
}

// writeParquet writes the same as a table with a list column "embedding".
func writeParquet(w io.Writer, images []Image, set eval.Set) error {
	type line struct {
		Index     int       `parquet:"index"`
		Class     string    `parquet:"class"`
		Path      string    `parquet:"path"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	table := parquet.NewGenericWriter[line](w, parquet.Compression(&parquet.Snappy))
	for i, image := range images {
		if _, err := table.Write([]line{{image.Index, image.Class, image.Path, set.Embeddings[i*set.Dim : (i+1)*set.Dim]}}); err != nil {
			return err
		}
	}
	return table.Close()
}
