package data

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unipair/unipair/internal/file"
)

// maxListBytes is what a list may have: that of In-shop has 5 MB.
const maxListBytes = 1 << 25

// fileOf is the content of a file in a tree, of so many bytes at most.
func fileOf(tree fs.FS, name string, most int64) ([]byte, error) {
	opened, err := tree.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := file.ReadAll(opened, name, most)
	if err := firstOf(err, opened.Close()); err != nil {
		return nil, file.Named(name, err)
	}
	return raw, nil
}

// text is the content of a list in a tree.
func text(tree fs.FS, name string) (string, error) {
	raw, err := fileOf(tree, name, maxListBytes)
	if err != nil {
		return "", err
	}
	return readable(name, raw)
}

// readable refuses a list that is empty or no text.
func readable(name string, raw []byte) (string, error) {
	list := string(raw)
	if strings.TrimSpace(list) == "" {
		return "", fmt.Errorf("%s is empty: get it again", name)
	}
	for i, r := range list {
		if r == utf8.RuneError && !utf8.ValidString(list[i:min(i+utf8.UTFMax, len(list))]) || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) {
			return "", fmt.Errorf("%s is no text, by its byte %d: get it again", name, i+1)
		}
	}
	return list, nil
}

// words reads a list with so many words a line, below so many lines of head.
func words(tree fs.FS, name string, count, head int) ([][]string, error) {
	list, err := text(tree, name)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	number := 0
	for line := range strings.Lines(list) {
		number++
		fields := strings.Fields(line)
		if number <= head || len(fields) == 0 {
			continue
		}
		if len(fields) != count {
			return nil, fmt.Errorf("%s, line %d: expected %d words, found %s", name, number, count, said(strings.TrimSpace(line)))
		}
		lines = append(lines, fields)
	}
	return lines, nil
}

// filled refuses a set with a part that has no image.
func (p Parts) filled() error {
	for _, name := range []string{"training", "test", "gallery"} {
		if part := p.all()[name]; part != nil && part.Len() == 0 {
			return fmt.Errorf("the %s part has no image: its list or its archive is not what is published: get it again", name)
		}
	}
	return nil
}

// look looks at the pictures of all parts, as [Folder] looks at those of a folder. A pair of which a picture is left out is left out too.
func (p *Parts) look(ctx context.Context, o Options) error {
	for _, part := range []Dataset{p.Train, p.Test, p.Gallery} {
		f, ok := part.(*files)
		if !ok {
			continue
		}
		paths, channels := f.paths, f.channels
		if err := f.inspect(ctx, o); err != nil {
			return err
		}
		f.channels = channels // as the whole set has them
		if part == p.Test && len(p.Pairs) > 0 && f.Len() < len(paths) {
			if p.Pairs = pairsOf(p.Pairs, paths, f.paths); len(p.Pairs) == 0 {
				return fmt.Errorf("data: %s has no pair of which both images can be read", f.name)
			}
		}
	}
	return nil
}

// pairsOf are the pairs of images of which some are left out, by the paths before and after.
func pairsOf(pairs []Pair, before, after []string) (kept []Pair) {
	index := make(map[string]int, len(after))
	for i, path := range after {
		index[path] = i
	}
	for _, pair := range pairs {
		a, isA := index[before[pair.A]]
		b, isB := index[before[pair.B]]
		if isA && isB {
			pair.A, pair.B = a, b
			kept = append(kept, pair)
		}
	}
	return kept
}

// replaceable says of an error that a file is damaged, and what to do, if it is one of those by which the readers of archives say so.
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
