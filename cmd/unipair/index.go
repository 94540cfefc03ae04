package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"github.com/unipair/unipair/pkg/eval"
)

// An index is a directory that `unipair export` writes: embeddings, what they are of, and the networks that made them.
const (
	indexName      = "index.json"
	vectorsName    = "embeddings.npy"
	imagesName     = "images.csv"
	modelsName     = "models" // models/1 and so on: each a run's directory with its checkpoint
	indexFormat    = 1
	aboutIndexDirs = "directory that `unipair export --out` wrote"
)

// index is index.json.
type index struct {
	Format      int      `json:"format"`
	Data        string   `json:"data"`        // the name of the images' set
	Checkpoints []string `json:"checkpoints"` // where models/1 and so on come from
	Views       bool     `json:"tta"`         // each image was seen in further ways
	Images      int      `json:"images"`
	Dim         int      `json:"dim"`
}

// imageRow is a line of images.csv.
type imageRow struct {
	Index int    `json:"index"`
	Class string `json:"class"`
	Path  string `json:"path,omitempty"` // empty where the image has no file of its own
}

// readIndex reads an index without its networks.
func readIndex(dir string) (index, eval.Set, []imageRow, error) {
	fail := func(err error) (index, eval.Set, []imageRow, error) {
		return index{}, eval.Set{}, nil, fmt.Errorf("index %s: %w", dir, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, indexName))
	if errors.Is(err, fs.ErrNotExist) {
		return fail(fmt.Errorf("there is no %s: give the %s", indexName, aboutIndexDirs))
	}
	var ix index
	if err == nil {
		err = json.Unmarshal(text, &ix)
	}
	if err != nil {
		return fail(err)
	}
	if ix.Format != indexFormat {
		return fail(fmt.Errorf("its format is %d, this program reads %d: export it again", ix.Format, indexFormat))
	}
	rows, err := readImageRows(filepath.Join(dir, imagesName))
	if err != nil {
		return fail(err)
	}
	vectors, err := numpy.FromNpyFile(filepath.Join(dir, vectorsName))
	if err != nil {
		return fail(fmt.Errorf("%s: %w", vectorsName, err))
	}
	flat, err := tensors.CopyFlatData[float32](vectors)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", vectorsName, err))
	}
	set := eval.Set{Dim: ix.Dim, Embeddings: flat, Labels: make([]int32, len(rows))}
	if err := set.Check(); err != nil || len(rows) != ix.Images {
		return fail(errors.Join(err, fmt.Errorf("%s has %d lines, %s %d numbers, and %s says %d images of %d: export it again",
			imagesName, len(rows), vectorsName, len(flat), indexName, ix.Images, ix.Dim)))
	}
	return ix, set, rows, nil
}

func readImageRows(name string) ([]imageRow, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = 3
	lines, err := reader.ReadAll()
	if err == nil && len(lines) == 0 {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: export it again", imagesName, err)
	}
	var rows []imageRow
	for i, line := range lines[1:] {
		number, err := strconv.Atoi(line[0])
		if err != nil || number != i {
			return nil, fmt.Errorf("%s line %d: want the index %d, got %q: export it again", imagesName, i+2, i, line[0])
		}
		rows = append(rows, imageRow{number, line[1], line[2]})
	}
	return rows, nil
}

// modelDirs are the directories of an index's networks.
func (ix index) modelDirs(dir string) places {
	var dirs places
	for i := range ix.Checkpoints {
		dirs = append(dirs, filepath.Join(dir, modelsName, strconv.Itoa(i+1)))
	}
	return dirs
}
