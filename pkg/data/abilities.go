package data

import (
	"fmt"
	"slices"
	"strings"
)

// SourceSet is a [Dataset] whose images have sources: see [Source].
type SourceSet interface {
	Dataset
	// Source returns where image i comes from, or an empty text.
	Source(i int) string
}

// Source returns where image i of a set comes from: the path of its file. It is an empty text where the image has no file of its own,
// or where the set is no [SourceSet].
func Source(ds Dataset, i int) string {
	if set, ok := ds.(SourceSet); ok {
		return set.Source(i)
	}
	return ""
}

// CameraSet is a [Dataset] that knows the cameras of its images: see [Cameras].
type CameraSet interface {
	Dataset
	// Cameras returns a number for each image, in their order; ok is false where it knows none.
	Cameras() (cameras []int, ok bool)
}

// Cameras returns which camera took each image of a set: one number per image, in their order. Protocols of re-identification need it: a
// query does not count what its own camera took of the same person. ok is false where the set does not say, or is no [CameraSet].
func Cameras(ds Dataset) (cameras []int, ok bool) {
	if set, is := ds.(CameraSet); is {
		return set.Cameras()
	}
	return nil, false
}

// OriginSet is a [Dataset] that knows what its classes were made of: see [Origins].
type OriginSet interface {
	Dataset
	// Origins returns one for each class, in the order of Classes.
	Origins() ([]Origin, error)
}

// Origin says what a class was made of.
type Origin struct {
	Class   string // of which it shows the same things
	Changed bool   // other than they are there: turned or mirrored
}

// changes lists the ends of the names of the classes that [Rotations] and [Mirrored] make.
var changes = []string{"@90", "@180", "@270", "@mirror"}

// Origins returns what each class of a set was made of, in the order of Classes, so that a split keeps a class on the side of its origin.
// A class of a set that is no [OriginSet] is its own origin.
//
// It is an error if such a set has classes that are named as [Rotations] and [Mirrored] name theirs: it wraps what they made and does
// not say of what. It is an error too if an OriginSet has not one origin per class.
func Origins(ds Dataset) ([]Origin, error) {
	set, ok := ds.(OriginSet)
	if !ok {
		for _, class := range ds.Classes() {
			if slices.ContainsFunc(changes, func(change string) bool { return strings.Contains(strings.ToLower(class), change) }) {
				return nil, fmt.Errorf("data: %s has a class %q, which is named as one that was turned or mirrored, "+
					"and does not say what its classes were made of: let the set implement data.OriginSet",
					ds.Name(), class)
			}
		}
		return unchanged(ds.Classes()), nil
	}
	origins, err := set.Origins()
	if err == nil && len(origins) != len(ds.Classes()) {
		err = fmt.Errorf("data: %s has %d classes and says of %d what they were made of: it must of each",
			ds.Name(), len(ds.Classes()), len(origins))
	}
	return origins, err
}

// unchanged returns, for each class, the class itself as its origin.
func unchanged(classes []string) []Origin {
	origins := make([]Origin, len(classes))
	for i, class := range classes {
		origins[i].Class = class
	}
	return origins
}
