package data

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"path"
	"slices"
)

// What an archive of Omniglot may hold: against files that are made to fill memory.
const (
	maxEntries    = 20_000
	maxEntryBytes = 1 << 16
	maxTotalBytes = 1 << 25
	side          = 105 // pixels of each image, both ways
)

// entry is a file of an archive.
type entry struct {
	path string
	raw  []byte
}

// entries returns the files of a zip archive, sorted by path, without its folders. Its errors call the archive name.
func entries(name string, archive []byte) ([]entry, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(reader.File) > maxEntries {
		return nil, fmt.Errorf("%s: %d entries, at most %d are read", name, len(reader.File), maxEntries)
	}
	var all []entry
	total := 0
	for _, file := range reader.File {
		if file.FileInfo().IsDir() {
			continue
		}
		if !plainPath(file.Name) {
			return nil, fmt.Errorf("%s: %s is no plain path inside the archive", name, quoted(file.Name))
		}
		raw, err := content(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %q: %w", name, file.Name, err)
		}
		if total += len(raw); total > maxTotalBytes {
			return nil, fmt.Errorf("%s: more than %d bytes unpacked", name, maxTotalBytes)
		}
		all = append(all, entry{file.Name, raw})
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.path, b.path) })
	for i := range all {
		if i > 0 && all[i].path == all[i-1].path {
			return nil, fmt.Errorf("%s: %q is there twice", name, all[i].path)
		}
	}
	return all, nil
}

func content(file *zip.File) ([]byte, error) {
	opened, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	// The size that the header claims may be a lie: count what comes out.
	raw, err := io.ReadAll(io.LimitReader(opened, maxEntryBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxEntryBytes {
		return nil, fmt.Errorf("more than %d bytes", maxEntryBytes)
	}
	return raw, nil
}

// pixels decodes a picture of Omniglot, black on white, to one byte per pixel, 255 = paper.
func (e entry) pixels() ([]uint8, error) {
	if path.Ext(e.path) != ".png" {
		return nil, fmt.Errorf("%q is not a PNG image", e.path)
	}
	// The header first: decoding an image claims the memory of all its pixels.
	config, err := png.DecodeConfig(bytes.NewReader(e.raw))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", e.path, err)
	}
	if config.Width != side || config.Height != side {
		return nil, fmt.Errorf("%q has %d × %d pixels, Omniglot's images have %d × %d", e.path, config.Width, config.Height, side, side)
	}
	decoded, err := png.Decode(bytes.NewReader(e.raw))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", e.path, err)
	}
	out := make([]uint8, 0, side*side)
	for y := range side {
		for x := range side {
			out = append(out, color.GrayModel.Convert(decoded.At(x, y)).(color.Gray).Y)
		}
	}
	return out, nil
}
