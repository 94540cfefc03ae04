package data

import (
	"fmt"
	"slices"
	"strings"
)

// Dataset is a set of labelled images. Its methods may be called from several goroutines at once. What a set may know beyond them is
// in [SourceSet], [CameraSet] and [OriginSet]; a set that wraps another forwards those.
type Dataset interface {
	// Name says which set this is, in a word or two, for tables and messages.
	Name() string
	// Len is the number of images.
	Len() int
	// Classes names the classes; a label is an index of it. The caller must not change it.
	Classes() []string
	// Label is the class of image i, from 0 to len(Classes())-1.
	Label(i int) int
	// Format is what all its images have in common.
	Format() Format
	// Image is picture i, fresh: the caller may change it.
	Image(i int) (Image, error)
}

// Format says what the images of a set are: gray, in colour, or no pictures at all, but features that something else made of them.
type Format struct {
	Channels int // of each image: 1 is gray, 3 is red, green and blue
	Features int // numbers an example of features, which is a gray "image" Features wide and 1 high; 0 for pictures
	// DarkOnLight says that the pictures are drawn in dark ink on light paper. They are given so, as they are in their files: it is a
	// network trained on them that turns every picture over, unless it is told otherwise ([Inversion]).
	DarkOnLight bool
}

// memory is a set held in memory, a byte a number (255 = 1): 30 MB for Omniglot's 2,720 pictures, not 120.
type memory struct {
	name        string
	classes     []string
	labels      []int
	channels    int
	darkOnLight bool
	width       int
	height      int
	pixels      [][]uint8
}

func (m *memory) Name() string      { return m.name }
func (m *memory) Len() int          { return len(m.labels) }
func (m *memory) Classes() []string { return m.classes }
func (m *memory) Label(i int) int   { return m.labels[i] }
func (m *memory) Format() Format {
	return Format{Channels: m.channels, DarkOnLight: m.darkOnLight}
}

func (m *memory) Image(i int) (Image, error) {
	if err := within(m, i); err != nil {
		return Image{}, err
	}
	return fromBytes(m.width, m.height, m.pixels[i]), nil
}

// fromBytes makes an image of bytes, 255 = 1.
func fromBytes(width, height int, values []uint8) Image {
	out := Image{width, height, make([]float32, len(values))}
	for i, v := range values {
		out.Pixels[i] = float32(v) / 255
	}
	return out
}

// within reports an index that ds does not have.
func within(ds Dataset, i int) error {
	if i < 0 || i >= ds.Len() {
		return fmt.Errorf("data: %s has images 0 to %d, not %d", ds.Name(), ds.Len()-1, i)
	}
	return nil
}

// subset is some classes of a set, renumbered without gaps.
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

// Alphabets is a rule for [Subset]: it keeps the classes "Alphabet/…" of the alphabets that are named.
func Alphabets(names ...string) func(class string) bool {
	return func(class string) bool {
		alphabet, _, _ := strings.Cut(class, "/")
		return slices.Contains(names, alphabet)
	}
}

// group makes labels of class names: the classes sorted, and the number of each name.
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
