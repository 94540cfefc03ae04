package data

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// What is made of a tar.gz archive, which is known to be the published one or was trusted once: against a mistake in that.
const (
	maxTreeEntries = 1 << 20
	maxTreeRatio   = 10      // bytes for one of the archive: photographs do not become smaller by packing
	maxTreeFree    = 1 << 26 // bytes that the ratio does not count: of small files
)

// openTree opens an archive as a tree of files. Nothing is ever written by a name in it: a zip archive is read where it is, and a
// tar.gz, in which nothing can be found without reading all before it, is copied to a zip archive in the cache, once.
func openTree(ctx context.Context, archive, cache, set string, o Options) (fs.FS, error) {
	if strings.EqualFold(filepath.Ext(archive), ".zip") {
		return openZip(archive)
	}
	info, err := os.Stat(archive)
	if err != nil {
		return nil, err
	}
	// Another archive of the same name has another time or size, and is copied anew.
	name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(filepath.Base(archive), ".gz"), ".tgz"), ".tar")
	copied := filepath.Join(cache, set, fmt.Sprintf("%s-%x-%x.zip", name, info.Size(), info.ModTime().UnixNano()))
	if !exists(copied) {
		o.tell("unpacking %s into %s, once", archive, copied)
		if err := repack(ctx, archive, info.Size(), copied); err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
	}
	return openZip(copied)
}

// openZip opens a zip archive, which is closed with its file when nothing reads from it any more.
func openZip(path string) (fs.FS, error) {
	reader, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(reader.File) > maxTreeEntries {
		return nil, errors.Join(fmt.Errorf("%s: %d entries, at most %d are read", path, len(reader.File), maxTreeEntries), reader.Close())
	}
	return reader, nil
}

// repack copies the files of a tar.gz archive of a size into a zip archive, uncompressed, under a temporary name until it is whole.
func repack(ctx context.Context, archive string, size int64, copied string) error {
	source, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer source.Close()
	plain, err := gzip.NewReader(source)
	if err != nil {
		return err
	}
	return file.Write(copied, func(to io.Writer) error {
		return copyFiles(ctx, tar.NewReader(plain), to, maxTreeFree+maxTreeRatio*size)
	})
}

// copyFiles copies regular files, at most so many bytes in all; links and devices are refused, folders are left out.
func copyFiles(ctx context.Context, from *tar.Reader, to io.Writer, most int64) error {
	archive := zip.NewWriter(to)
	for entries := 0; ; entries++ {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			return archive.Close()
		}
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entries == maxTreeEntries:
			return fmt.Errorf("more than %d entries", maxTreeEntries)
		case header.Typeflag == tar.TypeDir || header.Typeflag == tar.TypeXGlobalHeader:
			continue
		case header.Typeflag != tar.TypeReg:
			return fmt.Errorf("%q is a link or a device, which no data set needs", header.Name)
		}
		name := strings.TrimPrefix(header.Name, "./")
		if !plainPath(name) {
			return fmt.Errorf("%q is no plain path inside the archive", header.Name)
		}
		if header.Size > most {
			return fmt.Errorf("it unpacks to more than a data set of its size would: stopped at %q", header.Name)
		}
		most -= header.Size
		file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Unix(0, 0)})
		if err != nil {
			return err
		}
		if _, err := io.Copy(file, from); err != nil {
			return err
		}
	}
}
