package data

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
)

const (
	tarHead = 1 << 9  // bytes of a tar archive before each file
	maxTail = 1 << 20 // bytes after its end, which fill its last block
)

// repacked returns the path of the zip archive in the cache that holds what a tar.gz archive does, and makes it if need be. It is named
// after the archive's hash, and its own hash is remembered: a copy that was not made of just this archive is made anew.
func (r reading) repacked(archive sighting) (path string, err error) {
	cache, err := r.o.cache()
	if err != nil {
		return "", err
	}
	base := filepath.Base(archive.path)
	base = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(base, ".gz"), ".tgz"), ".tar")
	dir := filepath.Join(cache, archive.of.set)
	copied := published{set: archive.of.set, name: base + "-" + archive.now.SHA256[:16] + ".zip"}
	path = filepath.Join(dir, copied.name)
	if copied.isComplete(r.ctx, path, cache) {
		return path, nil
	}
	unlock, err := lockFolder(r.ctx, r.o, dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if copied.isComplete(r.ctx, path, cache) { // another process was quicker
		return path, nil
	}
	clearOlder(dir, base)
	r.o.tell("unpacking %s into %s, once", archive.path, path)
	hash := sha256.New()
	if err := file.Write(path, func(to io.Writer) error {
		return repack(r.ctx, archive.path, archive.now.Size, io.MultiWriter(to, hash))
	}); err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	made := record{hex.EncodeToString(hash.Sum(nil)), path, info.Size(), info.ModTime().UTC()}
	return path, sighting{of: copied, cache: cache, now: made}.record()
}

// isComplete reports whether a copy is there as it was made; what else may be there is written over.
func (p published) isComplete(ctx context.Context, path, cache string) bool {
	if was, err := p.remembered(cache); err != nil || was.SHA256 == "" {
		return false
	}
	_, err := p.check(ctx, path, cache)
	return err == nil
}

// clearOlder removes the copies that earlier versions made, under names that are no longer looked for.
func clearOlder(dir, base string) {
	older := regexp.MustCompile(`^` + regexp.QuoteMeta(base) + `-[0-9a-f]+-[0-9a-f]+\.zip$`)
	entries, _ := os.ReadDir(dir) // what cannot be listed is not cleared
	for _, e := range entries {
		if older.MatchString(e.Name()) && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(dir, e.Name())) // what does not go does no harm
		}
	}
}

// repack copies the files of a tar.gz archive of size bytes into a zip archive, uncompressed. It reads the archive to its end: only there
// are its length and checksum.
func repack(ctx context.Context, archive string, size int64, to io.Writer) error {
	source, err := file.Open(archive)
	if err != nil {
		return err
	}
	defer source.Close()
	unpacked, err := gzip.NewReader(source)
	if err != nil {
		return err
	}
	most := maxTreeFree + maxTreeRatio*size
	plain := bounded{ctx, unpacked, new(most + maxTreeEntries*tarHead)}
	if err := copyFiles(tar.NewReader(plain), to, most); err != nil {
		return err
	}
	tail, err := io.Copy(io.Discard, io.LimitReader(plain, maxTail+1))
	if err == nil && tail > maxTail {
		err = fmt.Errorf("more than %s follow its end: get it again", file.Size(maxTail))
	}
	return err
}

// copyFiles copies regular files, at most most bytes in all. It refuses links and devices, and leaves out folders.
func copyFiles(from *tar.Reader, to io.Writer, most int64) error {
	archive := zip.NewWriter(to)
	names := map[string]bool{}
	for entries := 0; ; entries++ {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			return archive.Close()
		}
		switch {
		case err != nil:
			return err
		case entries == maxTreeEntries:
			return fmt.Errorf("more than %d entries", maxTreeEntries)
		case header.Typeflag == tar.TypeDir || header.Typeflag == tar.TypeXGlobalHeader:
			continue
		case header.Typeflag != tar.TypeReg:
			return fmt.Errorf("%s is a link or a device, which no data set needs", quoted(header.Name))
		}
		name := strings.TrimPrefix(header.Name, "./")
		switch {
		case !plainPath(name):
			return fmt.Errorf("%s is no plain path inside the archive", quoted(header.Name))
		case names[name]:
			return fmt.Errorf("%s is there twice", quoted(header.Name))
		case header.Size > most:
			return fmt.Errorf("%w (stopped at %s, which declares %d bytes)", errUnpacksToMore, quoted(header.Name), header.Size)
		}
		most -= header.Size
		names[name] = true
		into, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Unix(0, 0)})
		if err != nil {
			return err
		}
		if _, err := io.Copy(into, from); err != nil {
			return err
		}
	}
}
