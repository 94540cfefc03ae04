package data_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// drawing is a PNG of white paper with one dot of ink at x, y.
func drawing(t testing.TB, width, height, x, y int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	m.SetGray(x, y, color.Gray{})
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pack is a zip archive of files, in the order of their names.
func pack(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		add(t, archive, name, files[name])
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func add(t testing.TB, archive *zip.Writer, name string, raw []byte) {
	t.Helper()
	file, err := archive.Create(name)
	if err == nil {
		_, err = file.Write(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// alphabet is an archive of two characters as small 1 has them: character c's drawing d has its dot at (d, c).
func alphabet(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for c := 1; c <= 2; c++ {
		for d := 1; d <= 20; d++ {
			files[fmt.Sprintf("small/Runes/character%02d/%04d_%02d.png", c, 500+c, d)] = drawing(t, 105, 105, d, c)
		}
	}
	return files
}

func TestReadCharacters(t *testing.T) {
	ds, err := data.ReadCharacters(pack(t, alphabet(t)), 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ds.Classes(), []string{"Runes/character01", "Runes/character02"}) || ds.Len() != 40 {
		t.Fatalf("%d images of %q", ds.Len(), ds.Classes())
	}
	for i := range ds.Len() {
		m, err := ds.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		if dot := slices.Index(m.Pixels, 0); ds.Label(i) != i/20 || dot != (i/20+1)*105+i%20+1 {
			t.Errorf("image %d: class %d, ink at %d", i, ds.Label(i), dot)
		}
	}
	for _, i := range []int{-1, 40} {
		if _, err := ds.Image(i); err == nil {
			t.Errorf("image %d of 40 is no error", i)
		}
	}
}

func TestHostileCharacters(t *testing.T) {
	const first, last = "small/Runes/character01/0501_01.png", "small/Runes/character02/0502_20.png"
	whole := alphabet(t)
	for name, test := range map[string]struct {
		change func(files map[string][]byte)
		says   string
	}{
		"nothing":       {func(f map[string][]byte) { clear(f) }, "found 0 files"},
		"19 images":     {func(f map[string][]byte) { delete(f, last) }, "found 39"},
		"21 images":     {func(f map[string][]byte) { f["small/Runes/character02/0502_21.png"] = f[first] }, "found 41"},
		"19 and 21":     {func(f map[string][]byte) { move(f, last, "small/Runes/character01/0501_21.png") }, "character01/0501_21.png"},
		"wrong drawer":  {func(f map[string][]byte) { move(f, last, "small/Runes/character02/0502_99.png") }, "_20.png"},
		"other folder":  {func(f map[string][]byte) { move(f, last, "small/Runes/character03/0502_20.png") }, "expected 20 images of Runes/character02, found 19"},
		"climbing out":  {func(f map[string][]byte) { move(f, first, "../Runes/character01/0501_01.png") }, "plain path"},
		"from the root": {func(f map[string][]byte) { move(f, first, "/Runes/character01/0501_01.png") }, "plain path"},
		"backslash":     {func(f map[string][]byte) { move(f, first, `small\Runes/character01/0501_01.png`) }, "plain path"},
		"two lines":     {func(f map[string][]byte) { move(f, first, "small/Ru\nnes/character01/0501_01.png") }, "plain path"},
		"no folders":    {func(f map[string][]byte) { move(f, first, "0501_01.png") }, "0501_01.png"},
		"no picture":    {func(f map[string][]byte) { f[first] = []byte("ink") }, "0501_01.png"},
		"cut picture":   {func(f map[string][]byte) { f[first] = f[first][:len(f[first])-30] }, "0501_01.png"},
		"small picture": {func(f map[string][]byte) { f[first] = drawing(t, 8, 8, 1, 1) }, "8 × 8"},
		"narrow one":    {func(f map[string][]byte) { f[first] = drawing(t, 9, 105, 1, 1) }, "9 × 105"},
		"low one":       {func(f map[string][]byte) { f[first] = drawing(t, 105, 9, 1, 1) }, "105 × 9"},
		"huge picture":  {func(f map[string][]byte) { f[first] = claim(f[first], 30_000) }, "30000 × 30000"},
		"bomb":          {func(f map[string][]byte) { f[first] = make([]byte, 64<<20) }, "more than 65536 bytes"},
		"many bombs":    {fill, "more than 33554432 bytes unpacked"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(whole)
			test.change(files)
			_, err := data.ReadCharacters(pack(t, files), 2)
			expect(t, err, "made.zip", test.says)
		})
	}
}

// fill adds entries that are each allowed, and together too much.
func fill(files map[string][]byte) {
	largest := make([]byte, 1<<16)
	for i := range 1 << 9 {
		files[fmt.Sprintf("small/Runes/character03/%04d.png", i)] = largest
	}
}

func move(files map[string][]byte, from, to string) {
	files[to] = files[from]
	delete(files, from)
}

// claim is a picture whose header says that it is so many pixels wide and high.
func claim(picture []byte, pixels uint32) []byte {
	const chunk, width, height, sum = 12, 16, 20, 29 // where they are in every PNG: the header comes first
	forged := bytes.Clone(picture)
	binary.BigEndian.PutUint32(forged[width:], pixels)
	binary.BigEndian.PutUint32(forged[height:], pixels)
	binary.BigEndian.PutUint32(forged[sum:], crc32.ChecksumIEEE(forged[chunk:sum]))
	return forged
}

func TestDamagedArchives(t *testing.T) {
	whole := pack(t, alphabet(t))
	flipped := bytes.Clone(whole)
	flipped[len("PK")+100] ^= 0xff
	var twice bytes.Buffer
	archive := zip.NewWriter(&twice)
	for name, raw := range alphabet(t) {
		if strings.HasSuffix(name, "0502_20.png") {
			name = "small/Runes/character02/0502_19.png"
		}
		add(t, archive, name, raw)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	var many bytes.Buffer
	archive = zip.NewWriter(&many)
	for i := range 20_001 {
		add(t, archive, fmt.Sprint(i), nil)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		archive []byte
		says    string
	}{
		"empty":         {nil, "made.zip"},
		"no zip":        {[]byte("ink and paper"), "made.zip"},
		"truncated":     {whole[:len(whole)/2], "made.zip"},
		"flipped":       {flipped, "0501_01.png"},
		"the same name": {twice.Bytes(), "twice"},
		"many entries":  {many.Bytes(), "20001 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := data.ReadCharacters(test.archive, 2)
			expect(t, err, "made.zip", test.says)
			_, err = data.ReadRuns(test.archive, 1)
			expect(t, err, "made.zip", test.says)
		})
	}
}
