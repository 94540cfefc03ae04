package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// record holds what is remembered of a file once all of its set was read. It lies in the cache, beside where a download of the file is
// kept, and serves two ends. A large file is not hashed again while its size and time are what they were. And where the publisher's hash
// is not known, the first file that is seen is trusted, and any other refused from then on.
type record struct {
	SHA256   string    `json:"sha256"`
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

const (
	large          = 1 << 26 // the size from which a file is not hashed at each use
	maxRecordBytes = 1 << 16
)

// sighting is a file that was found, as it is now and as it is remembered.
type sighting struct {
	of          published
	path, cache string
	now, seen   record
}

// known reports whether the file is the published one by its hash, or was seen before. Else it is trusted only once all of its set was
// read.
func (s sighting) known() bool { return s.of.sha256 != "" || s.seen.SHA256 != "" }

// remember writes down what is known of a file, if that is new and of use.
func (s sighting) remember(ctx context.Context, o Options) (err error) {
	if s.now == s.seen || s.cache == "" || s.of.sha256 != "" && s.now.Size < large {
		return nil
	}
	unlock, err := lockFolder(ctx, o, filepath.Join(s.cache, s.of.set))
	if err != nil {
		return fmt.Errorf("%s cannot be remembered: %w", s.path, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if s.seen, err = s.of.remembered(s.cache); err == nil { // another process may have seen another first
		err = s.judge()
	}
	if err != nil {
		return err
	}
	return s.record()
}

// record writes what is known of a file, for one who holds the lock.
func (s sighting) record() error {
	raw, err := json.MarshalIndent(s.now, "", "  ")
	if err != nil {
		return err
	}
	return file.WriteBytes(s.of.recordPath(s.cache), raw)
}

func (p published) recordPath(cache string) string {
	return filepath.Join(cache, p.set, p.name+".seen.json")
}

// remembered returns what is remembered of the file; the zero record if nothing is. A record that cannot be read is an error: without it,
// any file would be trusted anew.
func (p published) remembered(cache string) (r record, err error) {
	if cache == "" {
		return record{}, nil
	}
	path := p.recordPath(cache)
	raw, err := file.Read(path, maxRecordBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, nil
	}
	if err != nil {
		return record{}, fmt.Errorf("what is remembered of %s cannot be read: %w", p.name, err)
	}
	if json.Unmarshal(raw, &r) != nil || len(r.SHA256) != hex.EncodedLen(sha256.Size) {
		return record{}, fmt.Errorf("%s, which remembers the first %s that was seen, is damaged: delete it to trust the next one",
			path, p.name)
	}
	return r, nil
}

// mismatch is the error of bytes that are not the publisher's.
type mismatch struct{ where, expected, found, hint string }

func (m mismatch) Error() string {
	return fmt.Sprintf("%s is not the published file: expected %s, found %s%s", m.where, m.expected, m.found, m.hint)
}

// check looks at the file at path: an error is a [mismatch] unless it is the published one. cache is where records are kept.
func (p published) check(ctx context.Context, path, cache string) (s sighting, err error) {
	opened, err := file.Open(path)
	if err != nil {
		return s, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return s, err
	}
	s = sighting{of: p, path: path, cache: cache, now: record{Path: path, Size: info.Size(), Modified: info.ModTime().UTC()}}
	if p.sha256 == "" || info.Size() >= large {
		if s.seen, err = p.remembered(cache); err != nil {
			return s, err
		}
	}
	if s.now.SHA256 = s.seen.SHA256; info.Size() >= large && s.now == s.seen {
		return s, s.judge()
	}
	if err := p.plausible(path, opened, info.Size()); err != nil {
		return s, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, bounded{ctx, opened, nil}); err != nil {
		return s, file.Named(path, err)
	}
	s.now.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return s, s.judge()
}

// plausible compares the size and the first bytes of a file with those of the published one, before all of it is read.
func (p published) plausible(path string, opened io.ReadSeeker, size int64) error {
	switch {
	case p.sha256 != "" && !p.hasSize(size):
		return mismatch{where: path, expected: fmt.Sprintf("%d bytes", p.size), found: fmt.Sprintf("%d", size)}
	case size > p.most():
		return mismatch{where: path, expected: fmt.Sprintf("at most %d bytes", p.most()), found: fmt.Sprintf("%d", size)}
	}
	begins := make([]byte, len(p.begins))
	if n, err := io.ReadFull(opened, begins); err != nil || string(begins) != p.begins {
		return mismatch{where: path, expected: fmt.Sprintf("a file that begins with %q", p.begins), found: fmt.Sprintf("%q", begins[:n])}
	}
	_, err := opened.Seek(0, io.SeekStart)
	return err
}

// judge returns an error unless the file, as it is now, is the one that is published or was seen first.
func (s sighting) judge() error {
	p, now := s.of, s.now.SHA256
	switch {
	case p.sha256 == "" && s.seen.SHA256 != "" && now != s.seen.SHA256:
		return mismatch{s.path, "SHA-256 " + s.seen.SHA256, now, fmt.Sprintf(", which is not what was seen first (%s); if that was wrong, delete %s",
			s.seen.Path, p.recordPath(s.cache))}
	case p.sha256 == "" || now == p.sha256:
		return nil
	}
	for _, other := range p.also {
		if now == other.sha256 {
			return nil
		}
	}
	return mismatch{where: s.path, expected: "SHA-256 " + p.sha256, found: now}
}

func (p published) hasSize(size int64) bool {
	for _, other := range p.also {
		if size == other.size {
			return true
		}
	}
	return size == p.size
}

// exists reports whether something is at a path.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
