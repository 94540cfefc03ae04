package data

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/npy"
)

// vectors is a set of features in memory.
type vectors struct {
	name    string
	classes []string
	labels  []int
	cameras []int // of each example, or nil
	width   int
	rows    []int     // of each example, in values
	values  []float32 // row by row
}

func (v *vectors) Name() string      { return v.name }
func (v *vectors) Len() int          { return len(v.labels) }
func (v *vectors) Classes() []string { return v.classes }
func (v *vectors) Label(i int) int   { return v.labels[i] }
func (v *vectors) Format() Format    { return Format{Channels: 1, Features: v.width} }

func (v *vectors) Image(i int) (Image, error) {
	if err := within(v, i); err != nil {
		return Image{}, err
	}
	return Image{v.width, 1, slices.Clone(v.values[v.rows[i]*v.width:][:v.width])}, nil
}

// Features reads what another model made of images, so that a head can be trained on it. It takes all rows, whatever their split
// ([FeatureParts]). features is a NumPy file of the shape [n, d] of floating point numbers of 16, 32 or 64 bits; labels is one of these:
//
//   - a NumPy file of n whole numbers, truth values or of text, such as numpy.save writes of a list of strings;
//   - a table with a column label, and if there are any, split and camera, as [CSV] has them, with a row for each example.
//
// Where labels is empty, the labels of "x.npy" are looked for beside it: in "x_labels.npy", "x-labels.npy", "labels.npy",
// "x_labels.csv", "x-labels.csv", "x.csv" and "labels.csv". More than one is refused. Where there is
// none it is "images.csv", which `unipair export` writes.
//
// Numbers that are not finite in 32 bits are refused, by row and column. [Options].Progress is told where those of 64 bits are rounded.
// An array has at most 8 GB and ten million rows.
func Features(features, labels string, o Options) (Dataset, error) {
	all, _, err := readFeatures(features, labels, o)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// FeatureParts reads features, as [Features] does, in the parts that the table of labels has a column split for. Without that column, a
// fifth of the classes is held out for the test ([HoldOutFifth]).
func FeatureParts(features, labels string, o Options) (Parts, error) {
	all, splits, err := readFeatures(features, labels, o)
	if err != nil {
		return Parts{}, err
	}
	if splits == nil {
		return withoutSplit(all, o)
	}
	rows := map[string][]int{}
	for i, part := range splits {
		rows[part] = append(rows[part], i)
	}
	named := map[string]Dataset{}
	for part, of := range rows {
		named[part] = all.part(features+", "+part, of)
	}
	return partsOf(features, named)
}

// readFeatures reads features and labels, and the part that each row belongs to if there is a split.
func readFeatures(features, labels string, o Options) (all *vectors, splits []string, err error) {
	array, opened, err := npy.Open(features)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", file.Named(features, err))
	}
	defer func() { err = firstOf(err, opened.Close()) }()
	switch {
	case len(array.Shape) != 2 || array.Shape[0] < 1 || array.Shape[1] < 1:
		return nil, nil, fmt.Errorf("data: %s: features are floating point numbers of the shape [n, d], at least 1 each, not an array of the shape %v",
			features, array.Shape)
	case !array.IsFloats():
		return nil, nil, fmt.Errorf("data: %s: features are floating point numbers of 16, 32 or 64 bits, not %s: save x.astype('float32')%s",
			features, array.KindName(),
			map[bool]string{true: " of their real and imaginary parts"}[array.Kind == 'c'])
	case array.Shape[0] > maxRows:
		return nil, nil, fmt.Errorf("data: %s has %d rows, and %d are the most that an array may have: divide it",
			features, array.Shape[0], maxRows)
	}
	if labels == "" {
		if labels, err = labelsBeside(features); err != nil {
			return nil, nil, err
		}
	}
	all = &vectors{name: features, width: array.Shape[1], rows: make([]int, array.Shape[0])}
	names, splits, cameras, err := readLabels(labels, features, len(all.rows), o)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	var rounded bool
	if all.values, rounded, err = array.Numbers(); err != nil {
		return nil, nil, fmt.Errorf("data: %s: %w", features, err)
	}
	if rounded {
		o.tell("%s: its numbers of 64 bits are rounded to 32", features)
	}
	for i := range all.rows {
		all.rows[i] = i
	}
	all.cameras = cameras
	all.classes, all.labels = group(names)
	return all, splits, nil
}

// labelsBeside finds the labels of features.
func labelsBeside(features string) (string, error) {
	dir, stem := filepath.Dir(features), strings.TrimSuffix(filepath.Base(features), filepath.Ext(features))
	var tried, found []string
	for _, name := range []string{
		stem + "_labels.npy", stem + "-labels.npy", "labels.npy", stem + "_labels.csv", stem + "-labels.csv", stem + ".csv", "labels.csv",
		"images.csv", // as `unipair export` writes it, which may write a table of the features too
	} {
		tried = append(tried, name)
		if path := filepath.Join(dir, name); path != filepath.Clean(features) && exists(path) && (name != "images.csv" || len(found) == 0) {
			found = append(found, path)
		}
	}
	if _, err := os.Stat(features); err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("data: there are no labels for %s: write npy:FEATURES,LABELS, or put one of these beside it: %s",
			features, strings.Join(tried, ", "))
	case len(found) > 1:
		return "", fmt.Errorf("data: there are several labels for %s, %s: write npy:FEATURES,LABELS",
			features, strings.Join(found, " and "))
	}
	return found[0], nil
}

// readLabels reads a label for each of so many rows of features, and, from a table that has them, its part and its camera.
func readLabels(path, features string, rows int, o Options) (names, splits []string, cameras []int, err error) {
	if !strings.EqualFold(filepath.Ext(path), ".npy") {
		if names, splits, cameras, err = labelTable(path, o); err == nil {
			err = oneEach(path, features, rows, len(names))
		}
		return names, splits, cameras, err
	}
	array, opened, err := npy.Open(path)
	if err != nil {
		return nil, nil, nil, file.Named(path, err)
	}
	defer func() { err = firstOf(err, opened.Close()) }()
	advice := map[byte]string{'f': "save them as whole numbers, labels.astype('int64')"}
	switch {
	case len(array.Shape) != 1:
		return nil, nil, nil, fmt.Errorf("%s: labels are whole numbers or text of the shape [n], not an array of the shape %v",
			path, array.Shape)
	case !array.IsWords():
		return nil, nil, nil, fmt.Errorf("%s: labels are whole numbers or text, not %s: %s", path, array.KindName(),
			cmp.Or(advice[array.Kind], "save labels.astype(str)"))
	}
	if err := oneEach(path, features, rows, array.Count); err != nil {
		return nil, nil, nil, err
	}
	words, err := array.Words()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, word := range words {
		if word == "" {
			return nil, nil, nil, fmt.Errorf("%s: label %d (from 0) is empty", path, i)
		}
		words[i] = norm.NFC.String(word)
	}
	return words, nil, nil, nil
}

// oneEach returns an error unless there are as many labels as rows.
func oneEach(path, features string, rows, labels int) error {
	if rows != labels {
		return fmt.Errorf("%s has %d rows, and %s has labels for %d: each row needs one", features, rows, path, labels)
	}
	return nil
}

func labelTable(path string, o Options) (names, splits []string, cameras []int, err error) {
	t, err := readTable(context.Background(), path, []string{"label"}, []string{"split", "camera"}, o)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, r := range t.rows {
		names = append(names, norm.NFC.String(r.label))
		if t.has["split"] {
			part, err := r.part()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s%w", path, err)
			}
			splits = append(splits, part)
		}
		if t.has["camera"] {
			camera, err := r.number()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s%w", path, err)
			}
			cameras = append(cameras, camera)
		}
	}
	return names, splits, cameras, nil
}

// part returns some examples of the set, with the classes that occur among them.
func (v *vectors) part(name string, of []int) *vectors {
	part := &vectors{name: name, width: v.width, values: v.values}
	var names []string
	for _, i := range of {
		names, part.rows = append(names, v.classes[v.labels[i]]), append(part.rows, v.rows[i])
		if v.cameras != nil {
			part.cameras = append(part.cameras, v.cameras[i])
		}
	}
	part.classes, part.labels = group(names)
	return part
}

// Origins implements [OriginSet]: what is given as features was made of nothing else, whatever its classes are named.
func (v *vectors) Origins() ([]Origin, error) { return unchanged(v.classes), nil }

// Cameras implements [CameraSet].
func (v *vectors) Cameras() ([]int, bool) { return v.cameras, v.cameras != nil }
