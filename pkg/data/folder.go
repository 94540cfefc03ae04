package data

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
)

// Folder reads all images below a folder. Each folder with images is a class: "photos/Anna/1.jpg" is of class "Anna", and
// "letters/Greek/alpha/1.png" of class "Greek/alpha". Where the folders in it are the parts of a split ([FolderParts]), Folder takes the
// images of all parts. Names may have spaces and be in any script. They are compared in Unicode's normal form C, so that it does not
// matter which computer wrote them. Pictures beside such folders, or without any, are an error unless [Options].Unsorted takes them.
//
// Images are files that are JPEG, PNG, GIF, WebP, BMP, TIFF or PNM by the ends of their names. Others are left out, and
// [Options].Progress is told of them. Hidden files are left out too, and what systems put into folders: "__MACOSX", "@eaDir",
// "lost+found" and their like. Links are followed; one to a folder that is read already is refused.
//
// A picture is turned as its EXIF data says, and transparent parts are white. One whose longer side has more than 2,048 pixels is
// reduced by a whole number. The set is gray if all its files are: they have one number per pixel, or a palette of which their pixels
// use only grays. Images are read when they are asked for, so a set may be larger than memory.
//
// What the headers say is checked at once. These are errors: an empty file, one that is no image or of a kind that is not read, a pipe, a
// device or a socket. So is an image of more than 67 million pixels, or that takes more than 384 MB to decode. See [Options].Skip for what
// then happens, also to folders that cannot be read.
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
	o.Unsorted = false
	for _, name := range slices.Sorted(maps.Values(found)) {
		of, classesOf, err := imagesBelow(ctx, filepath.Join(dir, name), read, o)
		if err != nil {
			return nil, err
		}
		paths, classes = append(paths, of...), append(classes, classesOf...)
	}
	return ofFiles(ctx, dir, paths, classes, o)
}
