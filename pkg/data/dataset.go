package data

import (
	"fmt"
	"slices"
)

// Dataset is a set of labelled images. Its methods may be called from several goroutines at once. A set may know more: see [SourceSet],
// [CameraSet], [OriginSet], [LabelSet] and [WaySet]. A set that wraps another forwards those.
type Dataset interface {
	// Name tells which set this is, in a word or two, for tables and messages.
	Name() string
	// Len returns the number of images.
	Len() int
	// Classes names the classes; a label is an index of it. The caller must not change it.
	Classes() []string
	// Label returns the class of image i, from 0 to len(Classes())-1.
	Label(i int) int
	// Format returns what all its images have in common.
	Format() Format
	// Image returns picture i, fresh: the caller may change it.
	Image(i int) (Image, error)
}

// Format tells what the images of a set are: gray, in colour, or features that another model made of them.
type Format struct {
	Channels int // of each image: 1 is gray, 3 is red, green and blue
	Features int // numbers per example of features, which is a gray "image" Features wide and 1 high; 0 for pictures
	// DarkOnLight says that the pictures are drawn in dark ink on light paper. Image returns them so, as they are in their files. A
	// network that is trained on them turns every picture over, unless it is told otherwise ([Inversion]).
	DarkOnLight bool
}

// within reports an index that ds does not have.
func within(ds Dataset, i int) error {
	if i < 0 || i >= ds.Len() {
		return fmt.Errorf("data: %s has images 0 to %d, not %d", ds.Name(), ds.Len()-1, i)
	}
	return nil
}

// group makes labels of class names: it returns the classes, sorted, and the number of each name.
func group(names []string) (classes []string, labels []int) {
	classes = slices.Clone(names)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	number := make(map[string]int, len(classes))
	for label, class := range classes {
		number[class] = label
	}
	for _, name := range names {
		labels = append(labels, number[name])
	}
	return classes, labels
}

// firstOf returns the first of some errors that is not nil.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// imagesByClass lists the images of each class.
func imagesByClass(ds Dataset) [][]int {
	byClass := make([][]int, len(ds.Classes()))
	for i := range ds.Len() {
		label := ds.Label(i)
		byClass[label] = append(byClass[label], i)
	}
	return byClass
}
