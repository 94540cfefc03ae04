package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/unipair/unipair/internal/npy"
	"github.com/unipair/unipair/internal/picture"
)

// For tests of what the published files never are.

// ReadCharacters reads an archive like small 1 with the given number of characters.
func ReadCharacters(archive []byte, characters int) (Dataset, error) {
	ds, err := readCharacters("made", "made.zip", archive, characters)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return ds, nil
}

// ReadRuns reads an archive like all_runs.zip with the given number of runs.
func ReadRuns(archive []byte, runs int) ([]OneShotRun, error) {
	all, err := readRuns("made.zip", archive, runs)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return all, nil
}

// Fetch gets a file that is not one of Omniglot's.
func Fetch(ctx context.Context, o Options, set, name string, size int, sha256 string) ([]byte, error) {
	return published{set: set, name: name, url: "https://publisher.invalid/", size: int64(size), sha256: sha256}.content(ctx, o)
}

// DecodeImage decodes an image file.
func DecodeImage(raw []byte) (Image, error) { return decodeImage(raw) }

// HoldDecoding takes all memory for decoding.
func HoldDecoding() (release func()) {
	if !decoding.TryAcquire(picture.MostBytes) {
		panic("pictures are being decoded")
	}
	return func() { decoding.Release(picture.MostBytes) }
}

// ParseTable reads a table of paths and labels, and says what is kept of each row.
func ParseTable(ctx context.Context, from io.Reader) (rows [][2]string, err error) {
	t, _, err := parseTable(ctx, from, []string{"path", "label"}, nil)
	for _, r := range t.rows {
		rows = append(rows, [2]string{r.path, r.label})
	}
	return rows, err
}

// FetchSeen gets a file whose hash is not known: the first is trusted, and remembered.
func FetchSeen(ctx context.Context, o Options) (path string, err error) {
	found, err := published{set: "set", name: "file.zip", url: "https://publisher.invalid/", licence: "for everybody", begins: "ink"}.file(ctx, o)
	return found.path, firstOf(err, found.remember(ctx, o))
}

// FetchAtMost gets a file of which only is known how large it may be.
func FetchAtMost(ctx context.Context, o Options, most int64) (path string, err error) {
	found, err := published{set: "set", name: "file.zip", url: "https://publisher.invalid/", limit: most}.file(ctx, o)
	return found.path, err
}

// FetchByHand gets a file that no program can download.
func FetchByHand(ctx context.Context, o Options) (path string, err error) {
	found, err := published{set: "set", name: "file.zip", byHand: "it is behind a form: fill it in"}.file(ctx, o)
	return found.path, err
}

// OpenMade reads a data set of the catalogue of whose files a test has made small ones of the same form.
func OpenMade(ctx context.Context, name string, files map[string][]byte, o Options) (Parts, error) {
	for _, p := range Catalogue() {
		if p.Name != name {
			continue
		}
		for i := range p.files {
			raw := files[p.files[i].name]
			if p.files[i].also = nil; p.files[i].sha256 != "" {
				p.files[i].size, p.files[i].sha256 = int64(len(raw)), fmt.Sprintf("%x", sha256.Sum256(raw))
			}
		}
		return p.open(ctx, o)
	}
	panic(name)
}

// ParseIDX reads an IDX file.
func ParseIDX(raw []byte) (dimensions []int, values []uint8, err error) { return parseIDX(raw) }

// CarList reads the annotations of Stanford Cars.
func CarList(raw []byte) (paths []string, numbers []int, names []string, err error) {
	return carList(raw)
}

// TurnHue turns the hue of a pixel.
func TurnHue(rgb []float32, turns float64) { turnHue(rgb, turns) }

// ReadNPY reads a NumPy file and says how many numbers or words it has.
func ReadNPY(raw []byte) (int, error) {
	array, err := npy.Of(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return 0, err
	}
	if array.Kind == 'f' {
		numbers, _, err := array.Numbers()
		return len(numbers), err
	}
	words, err := array.Words()
	return len(words), err
}
