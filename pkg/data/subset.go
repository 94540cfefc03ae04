package data

import (
	"slices"
	"strings"
)

// subset holds some classes of a set, renumbered without gaps.
type subset struct {
	Dataset
	name    string
	classes []string
	kept    []int // the label in the full set of each class
	labels  []int // the new label of each image
	images  []int // its index in the full set
}

// Subset returns the images of those classes that keep accepts, under a name of its own. Labels are numbered anew from 0, in
// the order of the classes. Class-disjoint sets for training and validation come from one rule and its opposite; see
// [Alphabets] for Omniglot's.
func Subset(ds Dataset, name string, keep func(class string) bool) Dataset {
	s := &subset{Dataset: ds, name: name}
	labels := map[int]int{}
	for label, class := range ds.Classes() {
		if keep(class) {
			labels[label] = len(s.classes)
			s.classes, s.kept = append(s.classes, class), append(s.kept, label)
		}
	}
	for i := range ds.Len() {
		if label, ok := labels[ds.Label(i)]; ok {
			s.labels = append(s.labels, label)
			s.images = append(s.images, i)
		}
	}
	return s
}

func (s *subset) Name() string      { return s.name }
func (s *subset) Len() int          { return len(s.images) }
func (s *subset) Classes() []string { return s.classes }
func (s *subset) Label(i int) int   { return s.labels[i] }

func (s *subset) Image(i int) (Image, error) {
	if err := within(s, i); err != nil {
		return Image{}, err
	}
	return s.Dataset.Image(s.images[i])
}

// A subset knows what its set does, of fewer images and classes.
var _ interface {
	SourceSet
	CameraSet
	OriginSet
	LabelSet
	WaySet
} = (*subset)(nil)

func (s *subset) Source(i int) string { return Source(s.Dataset, s.images[i]) }

func (s *subset) Cameras() (cameras []int, ok bool) {
	all, ok := Cameras(s.Dataset)
	if !ok {
		return nil, false
	}
	for _, i := range s.images {
		cameras = append(cameras, all[i])
	}
	return cameras, true
}

func (s *subset) Origins() ([]Origin, error) {
	all, err := Origins(s.Dataset)
	if err != nil {
		return nil, err
	}
	origins := make([]Origin, len(s.kept))
	for i, label := range s.kept {
		origins[i] = all[label]
	}
	return origins, nil
}

// Alphabets returns a rule for [Subset] that keeps the classes "Alphabet/…" of the alphabets that are named.
func Alphabets(names ...string) func(class string) bool {
	return func(class string) bool {
		alphabet, _, _ := strings.Cut(class, "/")
		return slices.Contains(names, alphabet)
	}
}
