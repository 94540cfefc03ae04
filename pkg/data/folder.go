package data

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/picture"
)

// Folder reads all images below a folder. Each folder with images is a class: "photos/Anna/1.jpg" is of class "Anna", and
// "letters/Greek/alpha/1.png" of class "Greek/alpha". Where the folders in it are the parts of a split ([FolderParts]), Folder takes the
// images of all parts. Names may have spaces and be in any script. They are compared in Unicode's normal form C, so that it does not
// matter which computer wrote them.
//
// Images are files that are JPEG, PNG, GIF, WebP, BMP, TIFF or PNM by the ends of their names. Others are left out, and
// [Options].Progress is told of them. Hidden files are left out too, and what systems put into folders: "__MACOSX", "@eaDir",
// "lost+found" and their like. Links are followed; one to a folder that is read already is refused.
//
// A picture is turned as its EXIF data says, and transparent parts are white. One whose longer side has more than 2,048 pixels is
// reduced by a whole number. The set is gray if all its files are: they have one number per pixel, or a palette of which their pixels
// use only grays. Images are read when they are asked for, so a set may be larger than memory.
//
// What the headers say is checked at once. These are errors: an empty file, one that is no image or of a kind that is not read, one of
// more than 67 million pixels or that takes more than 384 MB to decode, a pipe, a device or a socket. See [Options].Skip for what then
// happens, also to folders that cannot be read.
func Folder(ctx context.Context, dir string, o Options) (Dataset, error) {
	found, err := partFolders(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return undivided(ctx, dir, o)
	}
	var paths, classes []string
	read := map[string]string{}
	for _, name := range slices.Sorted(maps.Values(found)) {
		of, classesOf, err := imagesBelow(ctx, filepath.Join(dir, name), read, o)
		if err != nil {
			return nil, err
		}
		paths, classes = append(paths, of...), append(classes, classesOf...)
	}
	return ofFiles(ctx, dir, paths, classes, o)
}

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
