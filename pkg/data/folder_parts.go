package data

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/suggest"
)

// FolderParts reads a folder with a split, each part as [Folder] reads images. There is a split if all folders in it are called train,
// val, test, query or gallery. Without one, a fifth of the classes is held out for the test ([HoldOutFifth]). A folder without an image is
// no reason against a split, and one without any file is no part, whatever its name.
//
// It is an error if a part has classes below it and a folder with images names no part: its images would be in none. So is a split of a
// folder further down.
func FolderParts(ctx context.Context, dir string, o Options) (Parts, error) {
	found, err := partFolders(ctx, dir, o)
	if err != nil {
		return Parts{}, err
	}
	if len(found) == 0 {
		whole, err := undivided(ctx, dir, o)
		if err != nil {
			return Parts{}, err
		}
		return withoutSplit(whole, o)
	}
	named, read := map[string]Dataset{}, map[string]string{}
	o.Unsorted = false
	for _, part := range slices.Sorted(maps.Keys(found)) {
		if named[part], err = folderBeside(ctx, filepath.Join(dir, found[part]), read, o); err != nil {
			return Parts{}, err
		}
	}
	return partsOf(dir, named)
}

// undivided reads a folder without a split. It refuses one in which a folder has a split: in one set, its parts would be learnt from alike.
func undivided(ctx context.Context, dir string, o Options) (Dataset, error) {
	ds, err := folderBeside(ctx, dir, map[string]string{}, o)
	if err != nil {
		return nil, err
	}
	parts := map[string]string{} // the part of each folder that has one below it
	for _, class := range ds.Classes() {
		names := strings.Split(class, "/")
		for i, name := range names[1:] {
			part, err := partOf(name)
			above := filepath.Join(dir, filepath.Join(names[:i+1]...))
			switch other, ok := parts[above]; {
			case err != nil:
			case !ok:
				parts[above] = part
			case other != part:
				return nil, fmt.Errorf("data: %s has folders for the %s and the %s part, and a split is of the folder that is given: give %s, or move its parts up",
					above, other, part, above)
			}
		}
	}
	return ds, nil
}

// partFolders finds the folders of a split by the parts that they name. There are none where a folder that has images names none; a
// class may be called "train" then. But if one that names a part has classes below it, there is a split.
func partFolders(ctx context.Context, dir string, o Options) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w; folder: takes a folder with a folder for each class", err)
	}
	above, err := reallyAt(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w", file.Named(dir, err))
	}
	found, has := map[string]string{}, map[string]glance{}
	var strangers, loose []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		switch {
		case ofSystem(e.Name()) || err != nil: // a link that leads nowhere has no image
			continue
		case !info.IsDir():
			if isPicture(e.Name()) {
				loose = append(loose, e.Name())
			}
			continue
		}
		if has[e.Name()], err = look(ctx, path, above, o); err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		part, err := partOf(e.Name())
		switch other, twice := found[part]; {
		case err != nil && has[e.Name()].any():
			strangers = append(strangers, e.Name())
		case err != nil || has[e.Name()].nothing():
		case twice && has[e.Name()].any() && has[other].any():
			return nil, fmt.Errorf("data: %s: both %s and %s name the %s part: keep one", dir, other, e.Name(), part)
		case !twice || has[e.Name()].any():
			found[part] = e.Name()
		}
	}
	names := slices.Sorted(maps.Values(found))
	split := len(names) > 0 && len(strangers) == 0
	for _, name := range names {
		split = split || has[name].classes
	}
	switch {
	case !split:
		return nil, nil
	case len(strangers) > 0:
		return nil, fmt.Errorf("data: %s has pictures and is no part of the split%s: move it into %s, or out of %s",
			filepath.Join(dir, strangers[0]), meant(strings.ToLower(strangers[0]), slices.Sorted(maps.Keys(partWords))), strings.Join(names, " or "), dir)
	case len(loose) > 0:
		o.tell("%s: left out: pictures that lie in no part of the split: %s", dir, suggest.Some(loose))
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if slices.Contains(names, name) {
			continue // it is yet to be read, and what is bad is told then
		}
		for _, path := range slices.Sorted(maps.Keys(has[name].bad)) {
			o.Skip(path, has[name].bad[path])
		}
	}
	return found, nil
}

// glance holds what a first look into a folder finds.
type glance struct {
	images  bool             // there are some in the folder itself
	classes bool             // there are some below it
	others  bool             // there are other files
	bad     map[string]error // what cannot be read
}

func (c glance) any() bool     { return c.images || c.classes }
func (c glance) nothing() bool { return !c.any() && !c.others && len(c.bad) == 0 }

// errEnough ends a look.
var errEnough = errors.New("enough is known")

// look looks for images in a folder and below it, until it has found one below. above is where the folder that it lies in really is.
func look(ctx context.Context, dir, above string, o Options) (glance, error) {
	c := glance{bad: map[string]error{}}
	w := newWalk(nil)
	w.read[above] = filepath.Dir(dir)
	if o.Skip != nil {
		w.skip = func(path string, reason error) { c.bad[path] = reason }
	}
	w.found = func(class string) error {
		if class == "" {
			c.images = true
			return nil
		}
		c.classes = true
		return errEnough
	}
	err := w.into(ctx, dir, "", above)
	c.others = len(w.others) > 0
	switch {
	case err == nil || errors.Is(err, errEnough):
		return c, nil
	case ctx.Err() == nil && o.Skip != nil:
		c.bad[dir] = err
		return c, nil
	}
	return glance{}, err
}
