package data

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/picture"
)

// folderBeside reads the images below a folder that is no split. Other folders are read already, by where they really are: no image is in
// two parts.
func folderBeside(ctx context.Context, dir string, read map[string]string, o Options) (Dataset, error) {
	paths, classes, err := imagesBelow(ctx, dir, read, o)
	if err != nil {
		return nil, err
	}
	return ofFiles(ctx, dir, paths, classes, o)
}

// imagesBelow finds the images below a folder, and the class of each, and adds to the folders that are read.
func imagesBelow(ctx context.Context, dir string, read map[string]string, o Options) (paths, classes []string, err error) {
	w := newWalk(o.Skip)
	w.asked, w.read = dir, read
	if o.Unsorted {
		if w.unsorted, err = nameOf(dir); err != nil {
			return nil, nil, fmt.Errorf("data: %w", err)
		}
	}
	if err := w.into(ctx, dir, "", ""); err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	if len(w.paths) == 0 {
		found := "it is empty"
		if len(w.others) > 0 {
			found = fmt.Sprintf("its files end in %s%s", strings.Join(slices.Sorted(maps.Keys(w.others)), ", "), unread(w.others))
		}
		return nil, nil, fmt.Errorf("data: there is no image in %s: %s; images end in %s, and lie in a folder for each class",
			dir, found, strings.Join(picture.Extensions, ", "))
	}
	if left := len(w.others); left > 0 {
		count := 0
		for _, n := range w.others {
			count += n
		}
		o.tell("%s: left out: files that are no images by their names, %d (%s)%s",
			dir, count, strings.Join(slices.Sorted(maps.Keys(w.others)), ", "),
			unread(w.others))
	}
	return w.paths, w.classes, nil
}

// unread tells which of the ends of names are those of pictures that are not read.
func unread(others map[string]int) string {
	var found []string
	for _, extension := range slices.Sorted(maps.Keys(others)) {
		if slices.Contains(picture.Unread, extension) {
			found = append(found, extension)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return fmt.Sprintf(" (pictures in %s are not read: save them as PNG or JPEG)", strings.Join(found, ", "))
}

// ofFiles returns a set of image files, once it has looked at them.
func ofFiles(ctx context.Context, name string, paths, classes []string, o Options) (Dataset, error) {
	f := &files{name: name, open: openPicture, paths: paths}
	f.classes, f.labels = group(classes)
	if err := f.inspect(ctx, o); err != nil {
		return nil, err
	}
	f.tellSingles(o)
	return f, nil
}
