package data

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/picture"
)

// Folder is the images below a folder, in which each folder with images is a class: "photos/Anna/1.jpg" is of class "Anna", and
// "letters/Greek/alpha/1.png" of class "Greek/alpha". Names may have spaces and be in any script; they are compared in Unicode's
// normal form C, so that it does not matter which computer wrote them. Hidden files are left out, and those that are not JPEG,
// PNG, GIF, WebP, BMP, TIFF or PNM by the ends of their names; [Options].Progress is told of the latter. Links are followed.
//
// A picture is turned as its EXIF data says, transparent parts are white, and one whose longer side has more than 2,048 pixels is
// reduced by a whole number. The set is gray if all its files are: they have one number a pixel, or a palette of which their pixels use
// only grays. Images are read when they are asked for, so a set may be larger than memory; what their headers say is checked at once: an
// empty file, one that is no image or of a kind that is not read, one of more than 67 million pixels or that takes more than 384 MB to
// decode. See [Options].Skip for what then happens.
func Folder(ctx context.Context, dir string, o Options) (Dataset, error) {
	paths, classes, err := imagesBelow(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	return ofFiles(ctx, dir, paths, classes, o)
}

// imagesBelow finds the images below a folder, and the class of each.
func imagesBelow(ctx context.Context, dir string, o Options) (paths, classes []string, err error) {
	w := walk{others: map[string]int{}, skip: o.Skip}
	if err := w.into(ctx, dir, "", nil); err != nil {
		return nil, nil, fmt.Errorf("data: %w", err)
	}
	if len(w.paths) == 0 {
		found := "it is empty"
		if len(w.others) > 0 {
			found = fmt.Sprintf("its files end in %s", strings.Join(slices.Sorted(maps.Keys(w.others)), ", "))
		}
		return nil, nil, fmt.Errorf("data: there is no image in %s: %s%s; images end in %s, and lie in a folder for each class",
			dir, found, unread(w.others), strings.Join(picture.Extensions, ", "))
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
	f := &files{name: name, open: func(path string) (fs.File, error) { return file.Open(path) }, paths: paths}
	f.classes, f.labels = group(classes)
	if err := f.inspect(ctx, o); err != nil {
		return nil, err
	}
	f.tellSingles(o)
	return f, nil
}

// FolderParts is a folder with a split: if all folders in it are called train, val, test, query or gallery, these are the parts, each as
// [Folder] reads it. Else a fifth of the classes is held out for the test, by [HoldOut].
func FolderParts(ctx context.Context, dir string, o Options) (Parts, error) {
	found, err := partFolders(dir)
	if err != nil {
		return Parts{}, err
	}
	if len(found) == 0 {
		whole, err := Folder(ctx, dir, o)
		if err != nil {
			return Parts{}, err
		}
		return withoutSplit(whole, o)
	}
	named := map[string]Dataset{}
	for _, part := range slices.Sorted(maps.Keys(found)) { // of two faults the same one is named each time
		name := found[part]
		if named[part], err = Folder(ctx, filepath.Join(dir, name), o); err != nil {
			return Parts{}, err
		}
	}
	return partsOf(dir, named)
}

// FolderImages is all images of a folder that [FolderParts] reads, whatever their part.
func FolderImages(ctx context.Context, dir string, o Options) (Dataset, error) {
	found, err := partFolders(dir)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return Folder(ctx, dir, o)
	}
	var paths, classes []string
	for _, name := range slices.Sorted(maps.Values(found)) {
		of, classesOf, err := imagesBelow(ctx, filepath.Join(dir, name), o)
		if err != nil {
			return nil, err
		}
		paths, classes = append(paths, of...), append(classes, classesOf...)
	}
	return ofFiles(ctx, dir, paths, classes, o)
}

// partFolders finds the folders of a split by the parts that they name. There are none unless all folders name one.
func partFolders(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w; folder: takes a folder with a folder for each class", err)
	}
	found := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !e.IsDir() && e.Type()&fs.ModeSymlink == 0 {
			continue
		}
		part, err := partOf(e.Name())
		if err != nil {
			return nil, nil
		}
		if twice, ok := found[part]; ok {
			return nil, fmt.Errorf("data: %s: both %s and %s name the %s part: keep one", dir, twice, e.Name(), part)
		}
		found[part] = e.Name()
	}
	return found, nil
}

// walk collects the images below a folder.
type walk struct {
	paths, classes []string
	others         map[string]int // files that are no images, by how their names end
	written        map[string]string
	skip           func(string, error)
}

// into walks a folder, whose images are of the class. above are the folders it lies in, to notice a link that leads back.
func (w *walk) into(ctx context.Context, dir, class string, above []os.FileInfo) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", dir, ctx.Err())
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	for _, other := range above {
		if os.SameFile(info, other) {
			return fmt.Errorf("%s: the link leads back to a folder that it lies in: remove it", dir)
		}
	}
	above = append(above, info)
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" || e.Name() == "Thumbs.db" {
			continue
		}
		if !utf8.ValidString(e.Name()) {
			return fmt.Errorf("%q: the name is not in UTF-8: rename it", path)
		}
		info, err := os.Stat(path) // of what a link leads to
		if err != nil {
			if w.skip == nil {
				return fmt.Errorf("%w; repair or remove it, or skip it (--skip-bad)", err)
			}
			w.skip(path, err)
			continue
		}
		switch extension := strings.ToLower(filepath.Ext(e.Name())); {
		case info.IsDir():
			err = w.into(ctx, path, strings.TrimPrefix(class+"/"+norm.NFC.String(e.Name()), "/"), above)
		case !slices.Contains(picture.Extensions, extension):
			w.others[cmp.Or(extension, "no extension")]++
		case class == "":
			err = fmt.Errorf("%s lies in no folder of a class: images of a class lie in a folder with its name", path)
		default:
			err = w.add(path, dir, class)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add collects an image. Two folders may have the same name in Unicode's normal form, but not as bytes; such a class is refused,
// since nobody sees that there are two.
func (w *walk) add(path, dir, class string) error {
	if w.written == nil {
		w.written = map[string]string{}
	}
	if other, ok := w.written[class]; ok && other != dir {
		return fmt.Errorf("%s and %s have the same name, written in two ways (%+q and %+q): rename one", other, dir, filepath.Base(other), filepath.Base(dir))
	}
	w.written[class] = dir
	w.paths, w.classes = append(w.paths, path), append(w.classes, class)
	return nil
}
