package data

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/parallel"
	"github.com/unipair/unipair/internal/suggest"
)

// files is a set of image files, each read and decoded when it is asked for: the set may be larger than memory.
type files struct {
	name     string
	open     func(path string) (fs.File, error)
	paths    []string
	labels   []int
	classes  []string
	cameras  []int // of each image, or nil
	several  bool  // a class is a set of labels, see [joinedLabels]
	channels int
}

func (f *files) Name() string      { return f.name }
func (f *files) Len() int          { return len(f.paths) }
func (f *files) Classes() []string { return f.classes }
func (f *files) Label(i int) int   { return f.labels[i] }
func (f *files) Format() Format    { return Format{Channels: f.channels} }

// Source returns the path of image i.
func (f *files) Source(i int) string { return f.paths[i] }

func (f *files) Image(i int) (Image, error) {
	if err := within(f, i); err != nil {
		return Image{}, err
	}
	m, err := f.decode(context.Background(), i)
	if err != nil {
		return Image{}, file.Named(f.paths[i], err)
	}
	return m.As(f.channels), nil
}

// decode returns the picture with the channels of its file.
func (f *files) decode(ctx context.Context, i int) (Image, error) {
	opened, err := f.open(f.paths[i])
	if err != nil {
		return Image{}, err
	}
	defer opened.Close()
	return readPicture(ctx, opened)
}

// gray reports whether the picture is gray; it decodes it only where its header does not say that.
func (f *files) gray(ctx context.Context, i int) (bool, error) {
	opened, err := f.open(f.paths[i])
	if err != nil {
		return false, err
	}
	defer opened.Close()
	return lookAt(ctx, opened)
}

// inspect looks at every file: at its header, or, where images may be skipped, at all of it. It finds out whether the set is gray,
// and drops or refuses the images that cannot be read.
func (f *files) inspect(ctx context.Context, o Options) error {
	grays, reasons := make([]bool, f.Len()), make([]error, f.Len())
	var done atomic.Int64
	parallel.For(f.Len(), func(i int) {
		if ctx.Err() != nil {
			return
		}
		if grays[i], reasons[i] = f.gray(ctx, i); reasons[i] == nil && o.Skip != nil {
			_, reasons[i] = f.decode(ctx, i)
		}
		if n := done.Add(1); o.Checking != nil {
			o.Checking(f.name, int(n), f.Len())
		}
	})
	if ctx.Err() != nil {
		return fmt.Errorf("data: %s: %w", f.name, ctx.Err())
	}
	f.channels = 1
	bad, first := 0, error(nil)
	for i, reason := range reasons {
		switch {
		case reason == nil && !grays[i]:
			f.channels = 3
		case reason == nil:
		case o.Skip != nil:
			o.Skip(f.paths[i], reason)
		default:
			bad++
			first = firstOf(first, file.Named(f.paths[i], reason))
		}
	}
	if bad > 0 {
		return fmt.Errorf("data: %d of the %d images of %s cannot be read; the first: %w; repair or remove them, or skip them (--skip-bad)",
			bad, f.Len(), f.name, first)
	}
	f.drop(reasons)
	if f.Len() == 0 {
		return fmt.Errorf("data: %s has no image that can be read", f.name)
	}
	return nil
}

// drop takes out the images that have a reason against them, and the classes that are left without any.
func (f *files) drop(reasons []error) {
	kept := &files{}
	renumbered := make(map[int]int)
	for i, reason := range reasons {
		if reason != nil {
			continue
		}
		kept.paths = append(kept.paths, f.paths[i])
		kept.labels = append(kept.labels, f.labels[i])
		if f.cameras != nil {
			kept.cameras = append(kept.cameras, f.cameras[i])
		}
		renumbered[f.labels[i]] = 0
	}
	for label, class := range f.classes {
		if _, ok := renumbered[label]; ok {
			renumbered[label] = len(kept.classes)
			kept.classes = append(kept.classes, class)
		}
	}
	for i, label := range kept.labels {
		kept.labels[i] = renumbered[label]
	}
	f.paths, f.labels, f.classes, f.cameras = kept.paths, kept.labels, kept.classes, kept.cameras
}

// tellSingles tells which classes have a single image: nothing can be learnt from them but what they are not. Classes that are sets of
// labels are no matter: what shares a label makes a pair.
func (f *files) tellSingles(o Options) {
	if f.several {
		return
	}
	var singles []string
	for class, images := range imagesByClass(f) {
		if len(images) == 1 {
			singles = append(singles, f.classes[class])
		}
	}
	if len(singles) > 0 {
		o.tell("%s: %d of %d classes have a single image (%s): they make no pair of the same class",
			f.name, len(singles), len(f.classes), suggest.Some(singles))
	}
}

// Origins implements [OriginSet]: what is read from files was made of nothing else, whatever its classes are named.
func (f *files) Origins() ([]Origin, error) { return unchanged(f.classes), nil }

// Cameras implements [CameraSet].
func (f *files) Cameras() ([]int, bool) { return f.cameras, f.cameras != nil }
