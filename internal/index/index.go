// Package index keeps embeddings of images with what they are of and the networks that made them, and finds the images most like others.
package index

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/npy"
	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// The files of an index.
const (
	indexName   = "index.json"
	vectorsName = "embeddings.npy"
	imagesName  = "images.csv"
	modelsName  = "models" // models/1 and so on: each a run's directory with its checkpoint
	version     = 1        // of index.json

	largestIndex = 1 << 20  // bytes of index.json
	longestRow   = 16 << 10 // bytes of a line of images.csv
)

// About says what an index is, for flags and messages.
const About = "directory that `unipair export --out` wrote"

// Index holds what is in such a directory.
type Index struct {
	Set    eval.Set // embeddings of the images; their labels are all 0
	Images []Image
	dir    string
	about
}

// about is index.json.
type about struct {
	Format      int      `json:"format"`
	Data        string   `json:"data"`             // the name of the images' set
	Folder      string   `json:"folder,omitempty"` // that their relative paths are of; empty is not known
	Others      []string `json:"others,omitempty"` // those of the sets that were added to it
	Checkpoints []string `json:"checkpoints"`      // where models/1 and so on come from; none: network.json says what made it, and has not learnt
	Views       bool     `json:"tta"`              // each image was seen in further ways
	Count       int      `json:"images"`
	Dim         int      `json:"dim"`
	Several     bool     `json:"several_labels,omitempty"` // a class is a set of labels, which are joined in its name
	// Sums are those of what a search reads, index.json's own and those of the networks' manifests included, which have their networks';
	// an index from before they were kept has none.
	Sums file.Sums `json:"sha256,omitempty"`
}

// Image is a line of images.csv.
type Image struct {
	Index int    `json:"index"`
	Class string `json:"class"`
	Path  string `json:"path,omitempty"` // empty where the image has no file of its own
}

// imagesOf returns what each image of a set is.
func imagesOf(set data.Dataset) []Image {
	images := make([]Image, set.Len())
	for i := range images {
		images[i] = Image{i, set.Classes()[set.Label(i)], data.Source(set, i)}
	}
	return images
}

// Open reads an index without its networks. What it says of its files is compared with them before room is made for it.
func Open(dir string) (*Index, error) {
	x, err := open(dir)
	if errors.Is(err, file.ErrChanged) { // perhaps while it was read: another program adds to it
		x, err = open(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", dir, err)
	}
	return x, nil
}

func open(dir string) (*Index, error) {
	if err := file.Complete(dir); err != nil {
		return nil, fmt.Errorf("images were added to it and it cannot be brought to an end: %w", err)
	}
	x := &Index{dir: dir}
	if err := x.readAbout(); err != nil {
		return nil, err
	}
	return x, x.read()
}

// readAbout reads what index.json says.
func (x *Index) readAbout() error {
	text, err := file.Read(filepath.Join(x.dir, indexName), largestIndex)
	if _, wrong := os.Stat(filepath.Join(x.dir, networkName)); wrong == nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("it has features of what has not learnt (%s), by a program that did not search in them: export them again", networkName)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("there is no %s: give the %s", indexName, About)
	}
	if err != nil {
		return err
	}
	if err := strictjson.UnmarshalSome(text, &x.about); err != nil {
		return fmt.Errorf("%s: %w: export it again", indexName, err)
	}
	switch {
	case x.Format != version:
		return fmt.Errorf("its format is %d, this program reads %d: export it again", x.Format, version)
	case len(x.Sums) > 0 && !file.Sealed(text, x.Sums[indexName]):
		return fmt.Errorf("%s is %w: export it again", indexName, file.ErrChanged)
	case x.Untrained() && x.Sums[networkName] == "":
		return fmt.Errorf("%s names no network that made it: export it again", indexName)
	case x.Count < 1 || x.Dim < 1:
		return fmt.Errorf("%s says %d images of %d numbers by %d networks, and each must be at least 1: export it again",
			indexName, x.Count, x.Dim, len(x.Checkpoints))
	}
	return nil
}

// read reads the embeddings and what they are of.
func (x *Index) read() error {
	if err := x.Sums.Check(x.dir, indexName); err != nil {
		return fmt.Errorf("%w: export it again", err)
	}
	vectors, err := readVectors(filepath.Join(x.dir, vectorsName), x.Count, x.Dim)
	if err != nil {
		return fmt.Errorf("%w: export it again", file.Named(vectorsName, err))
	}
	if x.Images, err = readImages(filepath.Join(x.dir, imagesName), x.Count); err != nil {
		return fmt.Errorf("%w: export it again", file.Named(imagesName, err))
	}
	x.Set = eval.Set{Dim: x.Dim, Embeddings: vectors, Labels: make([]int32, x.Count)}
	return x.Set.Validate()
}

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

// readImages reads what the images of an index are. No path and no name of a class is longer than a row may be.
func readImages(name string, count int) ([]Image, error) {
	text, err := file.Read(name, longestRow*int64(count+1))
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
	var images []Image
	for i, line := range lines[1:] {
		number, err := strconv.Atoi(line[0])
		if err != nil || number != i {
			return nil, fmt.Errorf("line %d: want the index %d, got %q", i+2, i, line[0])
		}
		images = append(images, Image{number, line[1], line[2]})
	}
	if len(images) != count {
		return nil, fmt.Errorf("it has %d images, and %s says %d", len(images), indexName, count)
	}
	return images, nil
}

// modelDirs returns the directories of so many networks in that of an index.
func modelDirs(dir string, count int) []string {
	var dirs []string
	for i := range count {
		dirs = append(dirs, filepath.Join(dir, modelsName, strconv.Itoa(i+1)))
	}
	return dirs
}
