package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/picture"
)

// systems lists the names of what systems put into folders, where nobody's pictures are: a Mac's archives, a disk's repair, previews of
// network drives, bins.
var systems = []string{"__MACOSX", "lost+found", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "desktop.ini"}

// ofSystem reports whether a name is hidden, or one of those.
func ofSystem(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains(systems, name)
}

// isPicture reports whether a file is an image by the end of its name.
func isPicture(name string) bool {
	return slices.Contains(picture.Extensions, strings.ToLower(filepath.Ext(name)))
}

// walk collects the images below a folder.
type walk struct {
	asked          string // the folder that was asked for, if all of it is
	unsorted       string // the class of pictures that lie in that; empty: they are an error
	paths, classes []string
	others         map[string]int           // files that are no images, by how their names end
	written        map[string]string        // the folder of each class
	read           map[string]string        // the folders, by where they really are
	skip           func(string, error)      // is told of what cannot be read; nil: it is an error
	found          func(class string) error // is told of each image in place of collecting it, if it is not nil
}

func newWalk(skip func(string, error)) *walk {
	return &walk{others: map[string]int{}, written: map[string]string{}, read: map[string]string{}, skip: skip}
}

// into walks a folder, whose images are of the class. above is where the folder that it was found in really is.
func (w *walk) into(ctx context.Context, dir, class, above string) error {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return w.leave(dir, err)
	}
	really, err := reallyAt(dir)
	if err != nil {
		return w.leave(dir, err)
	}
	if other, ok := w.read[really]; ok {
		reason := fmt.Errorf("the link leads to %s, which is read already", other)
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			reason = fmt.Errorf("the link %s leads here, and is read already", other)
		}
		if strings.HasPrefix(above+string(filepath.Separator), really+string(filepath.Separator)) {
			reason = errors.New("the link leads back to a folder that it lies in")
		}
		return w.leave(dir, reason)
	}
	w.read[really] = dir
	for _, e := range entries {
		if ofSystem(e.Name()) {
			continue
		}
		if err := w.entry(ctx, dir, e.Name(), class, really); err != nil {
			return err
		}
	}
	return nil
}

// reallyAt returns where a folder is from the root on, when all links are followed.
func reallyAt(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// entry takes what a folder has under a name.
func (w *walk) entry(ctx context.Context, dir, name, class, above string) error {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path) // of what a link leads to
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", dir, ctx.Err())
	case err != nil:
		return w.leave(path, err)
	case !info.IsDir() && !isPicture(name):
		w.others[cmp.Or(strings.ToLower(filepath.Ext(name)), "no extension")]++
		return nil
	case !utf8.ValidString(name):
		return w.leave(fmt.Sprintf("%q", path), errors.New("the name is not in UTF-8"))
	case info.IsDir():
		return w.into(ctx, path, strings.TrimPrefix(class+"/"+norm.NFC.String(name), "/"), above)
	case !info.Mode().IsRegular():
		return w.leave(path, fmt.Errorf("this is %s, %w", file.Kind(info.Mode()), file.ErrNotRegular))
	}
	switch {
	case w.found != nil:
		return w.found(class)
	case class == "" && w.unsorted != "":
		class = w.unsorted
	case class == "":
		return fmt.Errorf("%s lies in no folder of a class: images of a class lie in a folder with its name", path)
	}
	return w.add(path, dir, class)
}

// nameOf returns what a folder is called.
func nameOf(dir string) (string, error) {
	whole, err := filepath.Abs(dir)
	name := filepath.Base(whole)
	if err == nil && !utf8.ValidString(name) {
		err = errors.New("the name is not in UTF-8")
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", dir, err)
	}
	return norm.NFC.String(name), nil
}

// leave tells of what cannot be read, or returns it as an error where nothing may be skipped. The folder that was asked for may never be.
func (w *walk) leave(path string, reason error) error {
	switch {
	case path == w.asked:
		return file.Named(path, reason)
	case w.skip == nil:
		return fmt.Errorf("%w; repair or remove it, or skip it (--skip-bad)", file.Named(path, reason))
	}
	w.skip(path, reason)
	return nil
}

// add collects an image. Two folders may have the same name in Unicode's normal form, but not as bytes; such a class is refused,
// since nobody sees that there are two.
func (w *walk) add(path, dir, class string) error {
	switch other, ok := w.written[class]; {
	case !ok || other == dir:
	case other == w.asked || dir == w.asked:
		return fmt.Errorf("pictures of %s and of %s would be one class, %q: rename one of these folders", other, dir, class)
	default:
		return fmt.Errorf("%s and %s have the same name, written in two ways (%+q and %+q): rename one",
			other, dir, filepath.Base(other), filepath.Base(dir))
	}
	w.written[class] = dir
	w.paths, w.classes = append(w.paths, path), append(w.classes, class)
	return nil
}
