package data

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// openTree opens an archive as a tree of files. Nothing is ever written by a name in it: a zip archive is read where it is. In a tar.gz
// nothing can be found without reading all before it, so openTree copies it to a zip archive in the cache, once. An archive that is not
// known yet is read to its end, so that it is not trusted if a byte of it is wrong.
func (r reading) openTree(archive sighting) (fs.FS, error) {
	if !strings.HasSuffix(strings.ToLower(archive.path), ".zip") {
		copied, err := r.repacked(archive)
		if err != nil {
			return nil, file.Named(archive.path, err)
		}
		return openZip(copied)
	}
	tree, err := openZip(archive.path)
	if err != nil || archive.known() {
		return tree, err
	}
	r.o.tell("reading all of %s, once: no hash of it is published", archive.path)
	return tree, r.readAll(tree, archive.path)
}

// readAll reads every file of an archive, which compares it with its checksum. Where images may be skipped, a damaged file is no error,
// but then the archive is not trusted.
func (r reading) readAll(tree *zip.Reader, path string) error {
	for _, f := range tree.File {
		opened, err := f.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, bounded{r.ctx, opened, nil})
			err = firstOf(err, opened.Close())
		}
		switch {
		case err == nil:
		case r.o.Skip == nil || r.ctx.Err() != nil:
			return fmt.Errorf("%s: %s: %w", path, quoted(f.Name), err)
		default:
			r.o.tell("%s: %s is damaged: %v", path, quoted(f.Name), err)
			*r.bad++
			return nil
		}
	}
	return nil
}

// openZip opens a zip archive, which is closed with its file when nothing reads from it any more.
func openZip(path string) (*zip.Reader, error) {
	opened, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	directory := &directory{ReaderAt: opened, left: maxDirectoryBytes}
	reader, err := zip.NewReader(directory, info.Size())
	directory.read = true
	if reader != nil && errors.Is(err, zip.ErrInsecurePath) {
		err = nil // by a setting of the environment; the names are looked at anyway
	}
	if err == nil {
		err = plainEntries(reader, info.Size())
	}
	if err != nil {
		return nil, errors.Join(file.Named(path, err), opened.Close())
	}
	return reader, nil
}

// directory bounds what is read of an archive to find its files, whose number is known only then.
type directory struct {
	io.ReaderAt
	left int64
	read bool
}

func (d *directory) ReadAt(p []byte, at int64) (int, error) {
	if !d.read {
		if d.left -= int64(len(p)); d.left < 0 {
			return 0, fmt.Errorf("the list of its files has more than %s: get it again", file.Size(maxDirectoryBytes))
		}
	}
	return d.ReaderAt.ReadAt(p, at)
}

// plainEntries refuses an archive of a size with files that a data set does not have. Whoever reads a file sees to it that it has no more
// bytes than it declares.
func plainEntries(archive *zip.Reader, size int64) error {
	if len(archive.File) > maxTreeEntries {
		return fmt.Errorf("%d entries, at most %d are read", len(archive.File), maxTreeEntries)
	}
	left, names := uint64(maxTreeFree+maxTreeRatio*size), make(map[string]bool, len(archive.File))
	for _, f := range archive.File {
		mode := f.Mode()
		switch {
		case !plainPath(strings.TrimSuffix(f.Name, "/")):
			return fmt.Errorf("%s is no plain path inside the archive", quoted(f.Name))
		case mode.IsDir():
			continue
		case !mode.IsRegular():
			return fmt.Errorf("%s is a link or a device, which no data set needs", quoted(f.Name))
		case f.Flags&encrypted != 0:
			return fmt.Errorf("%s is encrypted: unpack the archive, by the password that its authors give", quoted(f.Name))
		case names[f.Name]:
			return fmt.Errorf("%s is there twice", quoted(f.Name))
		case f.UncompressedSize64 > left:
			return fmt.Errorf("%w (stopped at %s, which declares %d bytes)", errUnpacksToMore, quoted(f.Name), f.UncompressedSize64)
		}
		left -= f.UncompressedSize64
		names[f.Name] = true
	}
	return nil
}

// replaceable adds to an error that the file is damaged, and what to do, if it is one by which the readers of archives say so.
func replaceable(err error) error {
	for _, damage := range []error{
		io.ErrUnexpectedEOF, gzip.ErrHeader, gzip.ErrChecksum, zlib.ErrHeader, zlib.ErrChecksum, zip.ErrFormat, zip.ErrChecksum, tar.ErrHeader,
	} {
		if errors.Is(err, damage) {
			return fmt.Errorf("%w: the file is cut or damaged: delete it and get it again", err)
		}
	}
	if _, damaged := errors.AsType[flate.CorruptInputError](err); damaged {
		return fmt.Errorf("%w: the file is cut or damaged: delete it and get it again", err)
	}
	return err
}
