package data

import (
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

// record is what is remembered of a file that was read whole: in the cache, beside where a download of it is kept. It serves two ends:
// a large file is not hashed again while its size and time are what they were; and where the publisher's hash is not known, the
// first file that is seen is trusted, and any other refused from then on.
type record struct {
	SHA256   string    `json:"sha256"`
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// large is the size from which a file is not hashed at each use.
const large = 1 << 26

func (p published) recordPath(cache string) string {
	return filepath.Join(cache, p.set, p.name+".seen.json")
}

// remembered returns what is remembered of the file; the zero record if nothing is, or nothing that can be read: then it is hashed.
func (p published) remembered(cache string) (r record) {
	raw, err := os.ReadFile(p.recordPath(cache))
	if cache == "" || err != nil || json.Unmarshal(raw, &r) != nil {
		return record{}
	}
	return r
}

// remember keeps a record of a file.
func (p published) remember(cache string, r record) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return file.Write(p.recordPath(cache), func(to io.Writer) error {
		_, err := to.Write(raw)
		return err
	})
}

// mismatch is the error of bytes that are not the publisher's.
type mismatch struct{ where, expected, found, hint string }

func (m mismatch) Error() string {
	return fmt.Sprintf("%s is not the published file: expected %s, found %s%s", m.where, m.expected, m.found, m.hint)
}

// check returns an error unless the file at path is the published one. cache is where records are kept; where it is empty, none are.
func (p published) check(path, cache string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	seen := p.remembered(cache)
	now := record{Path: path, Size: info.Size(), Modified: info.ModTime().UTC()}
	if now.SHA256 = seen.SHA256; info.Size() >= large && now == seen {
		return p.judge(path, cache, seen, seen)
	}
	if p.sha256 != "" && !p.hasSize(info.Size()) {
		return mismatch{where: path, expected: fmt.Sprintf("%d bytes", p.size), found: fmt.Sprintf("%d", info.Size())}
	}
	if begins := make([]byte, len(p.begins)); len(begins) > 0 {
		if n, err := io.ReadFull(file, begins); err != nil || string(begins) != p.begins {
			return mismatch{where: path, expected: fmt.Sprintf("a file that begins with %q", p.begins), found: fmt.Sprintf("%q", begins[:n])}
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	now.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if err := p.judge(path, cache, now, seen); err != nil {
		return err
	}
	if p.sha256 != "" && info.Size() < large || now == seen || cache == "" {
		return nil // nothing to remember
	}
	return p.remember(cache, now)
}

// judge says whether a file, as it is now, is the one that is published or was seen first.
func (p published) judge(where, cache string, now, seen record) error {
	switch {
	case p.sha256 == "" && seen.SHA256 != "" && now.SHA256 != seen.SHA256:
		return mismatch{where, "SHA-256 " + seen.SHA256, now.SHA256, ", which is not what was seen first (" + seen.Path + "); if that was wrong, delete " + p.recordPath(cache)}
	case p.sha256 == "" || now.SHA256 == p.sha256:
		return nil
	}
	for _, other := range p.also {
		if now.SHA256 == other.sha256 {
			return nil
		}
	}
	return mismatch{where: where, expected: "SHA-256 " + p.sha256, found: now.SHA256}
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
