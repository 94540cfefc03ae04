package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/file"
)

// content returns the bytes of a small file, checked.
func (p published) content(ctx context.Context, o Options) ([]byte, error) {
	found, err := p.file(ctx, o)
	if err != nil {
		return nil, err
	}
	return file.Read(found.path, found.now.Size)
}

// file finds the file, checked: in $UNIPAIR_DATA, else in the cache, else from the publisher and into the cache.
func (p published) file(ctx context.Context, o Options) (sighting, error) {
	cache, noCache := o.cache()
	path := filepath.Join(cache, p.set, p.name)
	found, missing, err := p.users(ctx, cache)
	if err != nil {
		return sighting{}, err
	}
	if found.path != "" {
		tidy(path)
		return found, nil
	}
	if noCache != nil {
		return sighting{}, fmt.Errorf("no place to keep %s: %s, and there is no cache directory: %w; set %s",
			p.name, missing, noCache, EnvFolder)
	}
	found, err = p.check(ctx, path, cache)
	_, wrong := errors.AsType[mismatch](err)
	switch {
	case err == nil:
		tidy(path)
		return found, nil
	case wrong && p.byHand != "": // somebody's work: it stays
		return sighting{}, fmt.Errorf("%w; put the published file in its place: %s", err, p.byHand)
	case wrong:
		missing += ", " + err.Error() + " and was removed"
	case errors.Is(err, fs.ErrNotExist):
		missing += ", " + path + " does not exist"
	default:
		return sighting{}, fmt.Errorf("%w; set %s to a folder with %s/%s", err, EnvFolder, p.set, p.name)
	}
	if p.byHand != "" {
		return sighting{}, fmt.Errorf("no %s: %s; %s, and put it at %s", p.name, missing, p.byHand, path)
	}
	if p.licence != "" {
		o.tell("%s: %s", p.set, p.licence)
	}
	if err := p.download(ctx, o, path, cache); err != nil {
		advice := ""
		if unreachable(err) {
			advice = "connect to the network, or "
		}
		return sighting{}, fmt.Errorf("no %s: %s, and the download failed: %w; %sput %s at %s",
			p.name, missing, err, advice, p.address(), path)
	}
	return p.check(ctx, path, cache)
}

// users finds the file in $UNIPAIR_DATA; without a path, missing says why it is not there.
func (p published) users(ctx context.Context, cache string) (found sighting, missing string, err error) {
	dir := os.Getenv(EnvFolder)
	if dir == "" {
		return sighting{}, "$" + EnvFolder + " is not set", nil
	}
	path := filepath.Join(dir, p.set, p.name)
	found, err = p.check(ctx, path, cache)
	switch {
	case err == nil:
		return found, "", nil
	case errors.Is(err, fs.ErrNotExist):
		return sighting{}, path + " does not exist", nil
	}
	return sighting{}, "", fmt.Errorf("%w; put %s in its place, or unset %s", err, p.address(), EnvFolder)
}
