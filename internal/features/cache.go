package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
)

// name is a picture's: the sum of where its file is, how large and from when, or of its pixels where it has no file of its own.
type name [sha256.Size]byte

// nameOf names a picture of a set. It is of its file unless the set changes it.
func nameOf(set data.Dataset, i int, changed bool) (name, error) {
	sum := sha256.New()
	source := data.Source(set, i)
	info, err := os.Stat(source)
	absolute, wrong := filepath.Abs(source)
	if source != "" && !changed && err == nil && wrong == nil && info.Mode().IsRegular() {
		fmt.Fprintf(sum, "file %q %d %d %d", absolute, info.Size(), info.ModTime().UnixNano(), set.Format().Channels)
		return name(sum.Sum(nil)), nil
	}
	picture, err := set.Image(i)
	if err != nil {
		return name{}, err
	}
	fmt.Fprintf(sum, "pixels %d %d ", picture.Width, picture.Height)
	err = binary.Write(sum, binary.LittleEndian, picture.Pixels)
	return name(sum.Sum(nil)), err
}

// head begins a file of rows. For each picture its name and its row follow, and the SHA-256 of all that. It has the network's key: rows of
// another network are not taken for this one's, whatever a file is called.
const head = "unipair features 1\n%s\n%d\n"

// mostRows bounds the bytes of a file of rows.
const mostRows = 16 << 30

// Path returns where the rows are kept.
func (m Maker) Path() string {
	sum := sha256.Sum256([]byte(m.key()))
	return filepath.Join(m.Cache, "features", hex.EncodeToString(sum[:])+".rows")
}

// key adds the preparation to the network's key.
func (m Maker) key() string { return fmt.Sprintf("%s %+v", m.Key, m.Prepare) }

// read reads the rows that are kept. A file that is damaged, or another network's, is as none.
func (m Maker) read() (map[name][]float32, error) {
	kept := make(map[name][]float32)
	if m.Cache == "" {
		return kept, nil
	}
	content, err := file.Read(m.Path(), mostRows)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return kept, fmt.Errorf("features: %w", err)
	}
	begin := fmt.Appendf(nil, head, m.key(), m.Dim)
	each := sha256.Size + 4*m.Dim
	end := len(content) - sha256.Size
	if end < len(begin) || (end-len(begin))%each != 0 || !bytes.HasPrefix(content, begin) ||
		sha256.Sum256(content[:end]) != name(content[end:]) {
		return kept, nil
	}
	for rest := content[len(begin):end]; len(rest) > 0; rest = rest[each:] {
		row := make([]float32, m.Dim)
		for i := range row {
			row[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[sha256.Size+4*i:]))
		}
		kept[name(rest[:sha256.Size])] = row
	}
	return kept, nil
}

// write keeps rows, beside those that other processes have kept since they were read: of several that embed together each has a share.
func (m Maker) write(kept map[name][]float32) (err error) {
	if m.Cache == "" {
		return nil
	}
	unlock, err := m.lock()
	if err != nil {
		return fmt.Errorf("features: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	others, err := m.read()
	if err != nil {
		return err
	}
	maps.Copy(others, kept)
	kept = others
	err = file.Write(m.Path(), func(to io.Writer) error {
		sum := sha256.New()
		both := io.MultiWriter(to, sum)
		if _, err := fmt.Fprintf(both, head, m.key(), m.Dim); err != nil {
			return err
		}
		order := slices.SortedFunc(maps.Keys(kept), func(a, b name) int { return bytes.Compare(a[:], b[:]) })
		for _, n := range order {
			record := slices.Clone(n[:])
			for _, v := range kept[n] {
				record = binary.LittleEndian.AppendUint32(record, math.Float32bits(v))
			}
			if _, err := both.Write(record); err != nil {
				return err
			}
		}
		_, err := to.Write(sum.Sum(nil))
		return err
	})
	if err != nil {
		return fmt.Errorf("features: %w", err)
	}
	return nil
}

// lock waits until no other process writes rows, and returns what lets the next one.
func (m Maker) lock() (unlock func() error, err error) {
	dir := filepath.Dir(m.Path())
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	held := flock.New(dir, flock.SetFlag(os.O_RDONLY)) // the folder itself: no file stays
	return held.Close, held.Lock()
}
