package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// Hold opens an index to be added to, by this program alone until release.
func Hold(dir string) (x *Index, release func() error, err error) {
	if _, err := Open(dir); err != nil {
		return nil, nil, err
	}
	held := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	free, err := held.TryLock()
	if err == nil && !free {
		err = errors.New("another program adds to it: wait for that to end")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("index %s: %w", dir, err)
	}
	if x, err = Open(dir); err == nil && x.Untrained() {
		err = usage.Errorf("index %s is of what has not learnt (%s), and grows by no pictures: export all of them again", dir, networkName)
	}
	if err != nil { // as it is now that nobody changes it
		return nil, nil, errors.Join(err, held.Unlock())
	}
	return x, held.Unlock, nil
}

// IsOf returns an error unless the index's networks are others too: embeddings of two networks cannot be compared.
func (x *Index) IsOf(networks, others ensemble.Checkpoints) error {
	own, err := networks.Sums()
	if err != nil {
		return err
	}
	theirs, err := others.Sums()
	if err != nil {
		return err
	}
	if !slices.Equal(own, theirs) {
		return fmt.Errorf("index %s is of other networks than %s: it has embeddings of %d numbers by %s: leave --checkpoint out to add by those, "+
			"or export another index", x.dir, others, x.Dim, networks)
	}
	return nil
}

// Added counts what [Index.Add] added, and what it left out.
type Added struct{ New, There int }

// Add embeds images by the index's networks, see [Index.Networks], and puts them behind its own. Left out are those whose file the index
// has already. The index is as before or has them all, whenever the program is stopped. It must be held.
func (x *Index) Add(ctx context.Context, backend compute.Backend, networks ensemble.Checkpoints, images data.Dataset) (Added, error) {
	fresh, err := x.without(images)
	done := Added{fresh.Len(), images.Len() - fresh.Len()}
	if err != nil || done.New == 0 {
		return done, err
	}
	members, err := networks.Load(backend)
	if err != nil {
		return Added{}, err
	}
	set, err := members.EmbedSet(datasets.Until(ctx, fresh))
	if err != nil {
		return Added{}, err
	}
	for _, image := range imagesOf(fresh) {
		image.Index, image.Path = len(x.Images), x.fromFolder(image.Path)
		x.Images = append(x.Images, image)
	}
	x.Set.Embeddings, x.Set.Labels = append(x.Set.Embeddings, set.Embeddings...), append(x.Set.Labels, make([]int32, done.New)...)
	_, _, several := data.Labels(images)
	x.Count, x.Several = len(x.Images), x.Several || several
	if name := images.Name(); name != x.Data && !slices.Contains(x.Others, name) {
		x.Others = append(x.Others, name)
	}
	err = file.WriteTogether(x.dir, func(next string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var tables []string
		for _, format := range Formats[1:] {
			if _, err := os.Stat(filepath.Join(x.dir, tableName(format))); err == nil {
				tables = append(tables, format)
			}
		}
		return x.writeTables(next, x.dir, tables)
	})
	return done, err
}

// without returns the images of a set whose files the index does not have. Images without a file of their own are known by their set's name.
func (x *Index) without(images data.Dataset) (some, error) {
	have, inside := make(map[string]bool), make(map[string]bool)
	for _, image := range x.Images {
		path := image.Path
		if x.Folder != "" && !filepath.IsAbs(path) {
			path = filepath.Join(x.Folder, path)
		}
		have[absolute(path)], inside[image.Path] = true, true
	}
	fresh := some{Dataset: images}
	for i := range images.Len() {
		path := data.Source(images, i)
		if path == "" && (images.Name() == x.Data || slices.Contains(x.Others, images.Name())) {
			return fresh, fmt.Errorf("index %s has %s already, whose images have no files of their own by which new ones were known: "+
				"export another index", x.dir, images.Name())
		}
		there := have[absolute(path)]
		if _, err := os.Stat(path); err != nil { // it is within an archive, wherever that is
			there = inside[path]
		}
		if path == "" || !there {
			fresh.at = append(fresh.at, i)
		}
	}
	return fresh, nil
}

// fromFolder returns the path of a new image as an index has it: a relative one is of its folder.
func (x *Index) fromFolder(path string) string {
	_, err := os.Stat(path)
	if here, wrong := os.Getwd(); err != nil || wrong != nil || x.Folder == "" || x.Folder == here {
		return path
	}
	return absolute(path)
}

// absolute returns a path as it is from everywhere.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// some are images of a set.
type some struct {
	data.Dataset
	at []int
}

var _ interface { // what it forwards
	data.SourceSet
	data.OriginSet
} = some{}

func (s some) Len() int                        { return len(s.at) }
func (s some) Label(i int) int                 { return s.Dataset.Label(s.at[i]) }
func (s some) Image(i int) (data.Image, error) { return s.Dataset.Image(s.at[i]) }
func (s some) Source(i int) string             { return data.Source(s.Dataset, s.at[i]) }
func (s some) Origins() ([]data.Origin, error) { return data.Origins(s.Dataset) }
