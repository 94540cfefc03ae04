package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
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

	largestIndex = 1 << 20  // bytes of index.json
	longestRow   = 16 << 10 // bytes of a line of images.csv
)

// index is index.json.
type index struct {
	Format      int      `json:"format"`
	Data        string   `json:"data"`        // the name of the images' set
	Checkpoints []string `json:"checkpoints"` // where models/1 and so on come from
	Views       bool     `json:"tta"`         // each image was seen in further ways
	Images      int      `json:"images"`
	Dim         int      `json:"dim"`
	// Sums are those of what a search reads, index.json's own and those of the networks' manifests included, which have their networks';
	// an index from before they were kept has none.
	Sums file.Sums `json:"sha256,omitempty"`
}

// imageRow is a line of images.csv.
type imageRow struct {
	Index int    `json:"index"`
	Class string `json:"class"`
	Path  string `json:"path,omitempty"` // empty where the image has no file of its own
}

// readIndex reads an index without its networks. What it says of its files is compared with them before room is made for it.
func readIndex(dir string) (ix index, set eval.Set, rows []imageRow, err error) {
	if ix, err = readIndexFile(dir); err == nil {
		set, rows, err = ix.read(dir)
	}
	if err != nil {
		return index{}, eval.Set{}, nil, fmt.Errorf("index %s: %w", dir, err)
	}
	return ix, set, rows, nil
}

// readIndexFile reads what index.json says.
func readIndexFile(dir string) (index, error) {
	var ix index
	text, err := file.Read(filepath.Join(dir, indexName), largestIndex)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ix, fmt.Errorf("there is no %s: give the %s", indexName, aboutIndexDirs)
	}
	if err != nil {
		return ix, err
	}
	if err := strictjson.UnmarshalSome(text, &ix); err != nil {
		return ix, fmt.Errorf("%s: %w: export it again", indexName, err)
	}
	switch {
	case ix.Format != indexFormat:
		return ix, fmt.Errorf("its format is %d, this program reads %d: export it again", ix.Format, indexFormat)
	case len(ix.Sums) > 0 && !file.Sealed(text, ix.Sums[indexName]):
		return ix, fmt.Errorf("%s is %w: export it again", indexName, file.ErrChanged)
	case ix.Images < 1 || ix.Dim < 1 || len(ix.Checkpoints) < 1:
		return ix, fmt.Errorf("%s says %d images of %d numbers by %d networks, and each must be at least 1: export it again",
			indexName, ix.Images, ix.Dim, len(ix.Checkpoints))
	}
	return ix, nil
}

// read reads the embeddings of an index and what they are of.
func (ix index) read(dir string) (eval.Set, []imageRow, error) {
	if err := ix.Sums.Check(dir, indexName); err != nil {
		return eval.Set{}, nil, fmt.Errorf("%w: export it again", err)
	}
	vectors, err := readVectors(filepath.Join(dir, vectorsName), ix.Images, ix.Dim)
	if err != nil {
		return eval.Set{}, nil, fmt.Errorf("%w: export it again", file.Named(vectorsName, err))
	}
	rows, err := readImageRows(filepath.Join(dir, imagesName), ix.Images)
	if err != nil {
		return eval.Set{}, nil, fmt.Errorf("%w: export it again", file.Named(imagesName, err))
	}
	set := eval.Set{Dim: ix.Dim, Embeddings: vectors, Labels: make([]int32, len(rows))}
	return set, rows, set.Validate()
}

// readImageRows reads what the images of an index are. No path and no name of a class is longer than a row may be.
func readImageRows(name string, images int) ([]imageRow, error) {
	text, err := file.Read(name, longestRow*int64(images+1))
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
		return nil, err
	}
	var rows []imageRow
	for i, line := range lines[1:] {
		number, err := strconv.Atoi(line[0])
		if err != nil || number != i {
			return nil, fmt.Errorf("line %d: want the index %d, got %q", i+2, i, line[0])
		}
		rows = append(rows, imageRow{number, line[1], line[2]})
	}
	if len(rows) != images {
		return nil, fmt.Errorf("it has %d images, and %s says %d", len(rows), indexName, images)
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
