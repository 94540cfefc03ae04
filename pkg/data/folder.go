package data

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/picture"
)

// Folder is the images below a folder, in which each folder with images is a class: "photos/Anna/1.jpg" is of class "Anna", and
// "letters/Greek/alpha/1.png" of class "Greek/alpha". Names may have spaces and be in any script; they are compared in Unicode's
// normal form C, so that it does not matter which computer wrote them. Hidden files are left out, and those that are not JPEG,
// PNG, GIF, WebP, BMP, TIFF or PNM by the ends of their names; [Options].Progress is told of the latter. What systems put into folders is left
// out too: "__MACOSX", "@eaDir", "lost+found" and their like. Links are followed; one to a folder that is read already is refused.
//
// A picture is turned as its EXIF data says, transparent parts are white, and one whose longer side has more than 2,048 pixels is
// reduced by a whole number. The set is gray if all its files are: they have one number a pixel, or a palette of which their pixels use
// only grays. Images are read when they are asked for, so a set may be larger than memory; what their headers say is checked at once: an
// empty file, one that is no image or of a kind that is not read, one of more than 67 million pixels or that takes more than 384 MB to
// decode. A pipe, a device or a socket is refused. See [Options].Skip for what then happens, also to folders that cannot be read.
func Folder(ctx context.Context, dir string, o Options) (Dataset, error) {
	return folderBeside(ctx, dir, map[string]string{}, o)
}

// folderBeside is Folder, beside folders that are read, by where they really are: no image is in two parts.
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
	w.asked = dir
	w.read = read
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
		o.tell("%s: left out: files that are no images by their names, %d (%s)%s", dir, count, strings.Join(slices.Sorted(maps.Keys(w.others)), ", "),
			unread(w.others))
	}
	return w.paths, w.classes, nil
}

// unread says which of the ends of names are those of pictures that are not read, after what else is said of them.
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

// ofFiles is a set of image files, looked at.
func ofFiles(ctx context.Context, name string, paths, classes []string, o Options) (Dataset, error) {
	f := &files{name: name, open: openPicture, paths: paths}
	f.classes, f.labels = group(classes)
	if err := f.inspect(ctx, o); err != nil {
		return nil, err
	}
	f.tellSingles(o)
	return f, nil
}
