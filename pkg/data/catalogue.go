package data

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/nearest"
)

// Publication is a data set that its authors publish.
type Publication struct {
	Name    string // what [Open] takes, and the folder of its files in $UNIPAIR_DATA and in the cache
	About   string // what is in it, and how much
	Split   string // its parts: class-disjoint wherever one is learnt from
	Address string // its authors' page
	Licence string // what its authors say about its use
	Paper   string

	files  []published
	folder string // what an unpacked archive begins with: if $UNIPAIR_DATA/Name has it, that is read in place of the archives
	read   func(r reading) (Parts, error)
}

// Files describes what is to be downloaded, or to be fetched by hand.
func (p Publication) Files() []PublishedFile {
	var all []PublishedFile
	for _, f := range p.files {
		all = append(all, PublishedFile{Name: f.name, Address: f.address(), Bytes: f.size, SHA256: f.sha256, ByHand: f.byHand})
	}
	return all
}

// PublishedFile is a file of a data set.
type PublishedFile struct {
	Name    string
	Address string
	Bytes   int64  // 0 if it is not known
	SHA256  string // empty if it is not known for certain: then the first file that is seen is trusted, and remembered
	ByHand  string // why it cannot be downloaded by a program, and what to do; empty if it can
}

// Catalogue lists the data sets that [Open] reads.
func Catalogue() []Publication {
	return []Publication{
		omniglotFull(), mnist(), fashionMNIST(), cifar10(), cifar100(), cub(), cars(), onlineProducts(), inShop(), market1501(), lfw(),
	}
}

// Open reads a published data set by the name that [Catalogue] has for it. Its files are looked for in $UNIPAIR_DATA/name, also
// unpacked, and in the cache, and are else downloaded, after its licence is told to [Options].Progress. Large sets are not read
// into memory, but image by image from where they are.
func Open(ctx context.Context, name string, o Options) (Parts, error) {
	var known []string
	for _, p := range Catalogue() {
		if p.Name == name {
			return p.open(ctx, o)
		}
		known = append(known, p.Name)
	}
	return Parts{}, fmt.Errorf("data: no data set is called %q: %s", name, nearest.Suggest(name, known))
}

func (p Publication) open(ctx context.Context, o Options) (Parts, error) {
	parts, err := p.read(reading{ctx, o, p})
	if err != nil {
		return Parts{}, fmt.Errorf("data: %s: %w", p.Name, err)
	}
	if err := parts.Disjoint(); err != nil {
		return Parts{}, err
	}
	return parts, nil
}

// reading is what a set's reader gets its files from.
type reading struct {
	ctx context.Context
	o   Options
	of  Publication
}

// published is a file of the set, with what holds for all of them.
func (r reading) published(name string) published {
	for _, f := range r.of.files {
		if f.name == name {
			f.set, f.licence = cmp.Or(f.set, r.of.Name), fmt.Sprintf("%s (%s)", r.of.Licence, r.of.Address)
			return f
		}
	}
	panic("data: " + r.of.Name + " has no file " + name) // a mistake in its own reader
}

// unpacked is the folder in which the user has the set without its archives; empty if there is none.
func (r reading) unpacked() string {
	dir := filepath.Join(os.Getenv(Variable), r.of.Name)
	if os.Getenv(Variable) == "" || r.of.folder == "" || !exists(filepath.Join(dir, r.of.folder)) {
		return ""
	}
	return dir
}

// tree is the files of an archive, or those that the user has unpacked, which are read as they are.
func (r reading) tree(archive string) (fs.FS, error) {
	if dir := r.unpacked(); dir != "" {
		r.o.tell("%s: reading what is unpacked in %s, unchecked", r.of.Name, dir)
		return os.DirFS(dir), nil
	}
	path, err := r.published(archive).file(r.ctx, r.o)
	if err != nil {
		return nil, err
	}
	cache, err := r.o.cache()
	if err != nil {
		return nil, err
	}
	return openTree(r.ctx, path, cache, r.of.Name, r.o)
}

// plain is the content of a file beside the archives.
func (r reading) plain(name string) ([]byte, error) {
	if dir := r.unpacked(); dir != "" {
		return text(os.DirFS(dir), name)
	}
	return r.published(name).content(r.ctx, r.o)
}

// maxPlainBytes is what a compressed file or a list may unpack to.
const maxPlainBytes = 1 << 28

// gunzip is the content of a compressed file.
func (r reading) gunzip(name string) ([]byte, error) {
	raw, err := r.published(name).content(r.ctx, r.o)
	if err != nil {
		return nil, err
	}
	packed, err := gzip.NewReader(bytes.NewReader(raw))
	if err == nil {
		raw, err = limited(packed)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

// text is the content of a list in a tree.
func text(tree fs.FS, name string) ([]byte, error) {
	file, err := tree.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := limited(file)
	if err := firstOf(err, file.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

func limited(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPlainBytes+1))
	if err == nil && len(raw) > maxPlainBytes {
		err = fmt.Errorf("more than %d MB unpacked", maxPlainBytes>>20)
	}
	return raw, err
}

// images makes a set of photographs of a tree. classes are in the order of labels.
func (r reading) images(part string, tree fs.FS, paths []string, classOf []string) *files {
	f := &files{name: r.of.Name + ", " + part, open: tree.Open, paths: paths, channels: 3}
	f.classes, f.labels = group(classOf)
	return f
}
