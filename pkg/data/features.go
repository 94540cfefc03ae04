package data

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/nearest"
)

// vectors is a set of features, held in memory.
type vectors struct {
	name    string
	classes []string
	labels  []int
	cameras []int // of each example, or nil
	width   int
	values  [][]float32
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
	return Image{v.width, 1, slices.Clone(v.values[i])}, nil
}

// Features reads what another model made of images, so that a head can be trained on it: a NumPy file of the shape [n, d] of floating
// point numbers of 16, 32 or 64 bits, and the labels of its rows, in one of these forms:
//
//   - a NumPy file of n whole numbers or of text, such as numpy.save writes of a list of strings;
//   - a table with a column label, and if there are any, split and camera, as [CSV] has them, a row for each.
//
// With an empty labels they are looked for beside the features: of "x.npy" in "x_labels.npy", "x-labels.npy", "labels.npy",
// "x_labels.csv", "x-labels.csv", "x.csv" and "labels.csv"; more than one of them is refused. Without a column split, a fifth of the
// classes is held out for the test, by [HoldOut]. Numbers that are not finite are refused, by row and column.
func Features(features, labels string, o Options) (Parts, error) {
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
		named[part] = all.rows(features+", "+part, of)
	}
	return partsOf(features, named)
}

// FeatureSet is all rows of what [Features] reads, whatever their split.
func FeatureSet(features, labels string, o Options) (Dataset, error) {
	all, _, err := readFeatures(features, labels, o)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// readFeatures reads features and labels, and the part that each row belongs to if there is a split.
func readFeatures(features, labels string, o Options) (all *vectors, splits []string, err error) {
	if labels == "" {
		if labels, err = labelsBeside(features); err != nil {
			return nil, nil, err
		}
	}
	array, err := openNPY(features)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	if len(array.shape) != 2 || array.numbers == nil || array.shape[1] < 1 {
		return nil, nil, fmt.Errorf("data: %s: features are floating point numbers of the shape [n, d], at least 1 each, not an array of the shape %v",
			features, array.shape)
	}
	all = &vectors{name: features, width: array.shape[1]}
	for row := range slices.Chunk(array.numbers, all.width) {
		for column, x := range row {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return nil, nil, fmt.Errorf("data: %s: row %d, column %d (from 0) is %g, which is not finite", features, len(all.values), column, x)
			}
		}
		all.values = append(all.values, row)
	}
	names, splits, cameras, err := readLabels(labels, o)
	if err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	if len(names) != len(all.values) {
		return nil, nil, fmt.Errorf("data: %s has %d rows, and %s has labels for %d: each row needs one", features, len(all.values), labels, len(names))
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
	} {
		tried = append(tried, name)
		if path := filepath.Join(dir, name); path != filepath.Clean(features) && exists(path) {
			found = append(found, path)
		}
	}
	if _, err := os.Stat(features); err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("data: there are no labels for %s: write npy:FEATURES,LABELS, or put one of these beside it: %s", features, strings.Join(tried, ", "))
	case len(found) > 1:
		return "", fmt.Errorf("data: there are several labels for %s, %s: write npy:FEATURES,LABELS", features, strings.Join(found, " and "))
	}
	return found[0], nil
}

// readLabels reads a label for each row, and, from a table that has them, its part and its camera.
func readLabels(path string, o Options) (names, splits []string, cameras []int, err error) {
	if !strings.EqualFold(filepath.Ext(path), ".npy") {
		return labelTable(path, o)
	}
	array, err := openNPY(path)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(array.shape) != 1 || array.numbers != nil {
		return nil, nil, nil, fmt.Errorf("%s: labels are whole numbers or text of the shape [n], not an array of the shape %v", path, array.shape)
	}
	for i, word := range array.words {
		if word == "" {
			return nil, nil, nil, fmt.Errorf("%s: label %d (from 0) is empty", path, i)
		}
		names = append(names, norm.NFC.String(word))
	}
	return names, nil, nil, nil
}

func labelTable(path string, o Options) (names, splits []string, cameras []int, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, nil, err
	}
	t, unused, err := parseTable(raw, []string{"label"}, []string{"split", "camera"})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%s%w", path, err)
	}
	if len(unused) > 0 {
		o.tell("%s: not used: the columns %s", path, nearest.Some(unused))
	}
	for _, r := range t.rows {
		names = append(names, norm.NFC.String(r.values["label"]))
		if t.has["split"] {
			part, err := r.part()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s%w", path, err)
			}
			splits = append(splits, part)
		}
		if t.has["camera"] {
			camera, err := r.camera()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s%w", path, err)
			}
			cameras = append(cameras, camera)
		}
	}
	return names, splits, cameras, nil
}

// rows is some examples of a set, with the classes that they have.
func (v *vectors) rows(name string, of []int) *vectors {
	part := &vectors{name: name, width: v.width}
	var names []string
	for _, i := range of {
		names, part.values = append(names, v.classes[v.labels[i]]), append(part.values, v.values[i])
		if v.cameras != nil {
			part.cameras = append(part.cameras, v.cameras[i])
		}
	}
	part.classes, part.labels = group(names)
	return part
}
