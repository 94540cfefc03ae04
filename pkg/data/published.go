package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// published is a file as its publisher gives it.
type published struct {
	set, name string    // the folder of its data set, and the file
	url       string    // the folder it is published in, ending with a slash, or the whole address if that does not end in the name
	size      int64     // 0 where it is not known
	limit     int64     // bytes that it may have where its size is not known; 0 is maxBytes
	sha256    string    // empty where it is not known for certain: then what comes first is trusted, and remembered (see verify.go)
	begins    string    // with what such a file begins: a page that says "not found" is not to be trusted
	also      []version // the same content compressed by others
	byHand    string    // why it cannot be downloaded by a program, and what to do; empty if it can
	licence   string    // told before a download; empty for none
}

// version is a file by its size and hash.
type version struct {
	size   int64
	sha256 string
}

// address returns the address at which the publisher has the file.
func (p published) address() string {
	if strings.HasSuffix(p.url, "/") {
		return p.url + p.name
	}
	return p.url
}

// most returns how many bytes the file may have.
func (p published) most() int64 { return cmp.Or(p.size, p.limit, maxBytes) }

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
