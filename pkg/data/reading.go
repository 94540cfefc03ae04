package data

import (
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/file"
)

// open reads the set, and remembers its files once all of it was read.
func (p Publication) open(ctx context.Context, o Options) (Parts, error) {
	r := reading{ctx, o, p, new([]sighting), new(int)}
	if skip := o.Skip; skip != nil {
		o.Skip = func(image string, reason error) {
			*r.bad++
			skip(image, reason)
		}
	}
	parts, err := p.read(r)
	if err == nil {
		err = parts.filled()
	}
	if err != nil {
		return Parts{}, fmt.Errorf("data: %s: %w", p.Name, replaceable(err))
	}
	if err := firstOf(parts.Disjoint(), parts.look(ctx, o)); err != nil {
		return Parts{}, err
	}
	for _, found := range *r.found { // all of the set was read: now its files are trusted
		if *r.bad > 0 && !found.known() {
			o.tell("%s is not remembered as the published one: not all of it can be read", found.path)
			continue
		}
		if err := found.remember(ctx, o); err != nil {
			return Parts{}, fmt.Errorf("data: %s: %w", p.Name, err)
		}
	}
	return parts, nil
}

// file finds a file of the set.
func (r reading) file(name string) (sighting, error) {
	found, err := r.published(name).file(r.ctx, r.o)
	if err == nil {
		*r.found = append(*r.found, found)
	}
	return found, err
}

// published returns a file of the set, with what holds for all its files.
func (r reading) published(name string) published {
	for _, f := range r.of.files {
		if f.name == name {
			f.set, f.licence = cmp.Or(f.set, r.of.Name), fmt.Sprintf("%s (%s)", r.of.Licence, r.of.Address)
			return f
		}
	}
	panic("data: " + r.of.Name + " has no file " + name) // a mistake in its own reader
}

// unpacked returns the folder in which the user has the set without its archives; empty if there is none.
func (r reading) unpacked() string {
	dir := filepath.Join(os.Getenv(EnvFolder), r.of.Name)
	if os.Getenv(EnvFolder) == "" || r.of.folder == "" || !exists(filepath.Join(dir, r.of.folder)) {
		return ""
	}
	return dir
}

// tree returns the files of an archive, or those that the user has unpacked, which are read as they are.
func (r reading) tree(archive string) (fs.FS, error) {
	if dir := r.unpacked(); dir != "" {
		r.o.tell("%s: reading what is unpacked in %s, unchecked", r.of.Name, dir)
		return file.Dir(dir), nil
	}
	found, err := r.file(archive)
	if err != nil {
		return nil, err
	}
	return r.openTree(found)
}

// plain returns the content of a file beside the archives, of at most most bytes.
func (r reading) plain(name string, most int64) ([]byte, error) {
	if dir := r.unpacked(); dir != "" {
		return fileOf(file.Dir(dir), name, most)
	}
	found, err := r.file(name)
	if err != nil {
		return nil, err
	}
	return file.Read(found.path, most)
}

// gunzip returns the content of a compressed file. It reads the file to its end, where the checksum is.
func (r reading) gunzip(name string, most int64) ([]byte, error) {
	found, err := r.file(name)
	if err != nil {
		return nil, err
	}
	packed, err := file.Open(found.path)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	var raw []byte
	if err == nil {
		raw, err = io.ReadAll(bounded{r.ctx, plain, &most})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found.path, err)
	}
	return raw, nil
}

// images makes a set of photographs of a tree. classes are in the order of labels.
func (r reading) images(part string, tree fs.FS, paths []string, classOf []string) (*files, error) {
	listed := make(map[string]bool, len(paths))
	for i, path := range paths {
		switch {
		case !plainPath(path):
			return nil, fmt.Errorf("%s: %s is no plain path inside the set", part, quoted(path))
		case !plainPath(classOf[i]):
			return nil, fmt.Errorf("%s: %s is no name of a class", part, quoted(classOf[i]))
		case listed[path]:
			return nil, fmt.Errorf("%s: %s is listed twice", part, quoted(path))
		}
		listed[path] = true
	}
	f := &files{name: r.of.Name + ", " + part, open: tree.Open, paths: paths, channels: 3}
	f.classes, f.labels = group(classOf)
	return f, nil
}
