package picture_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"github.com/unipair/unipair/internal/picture"
)

var (
	red, green  = color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}
	blue, white = color.NRGBA{0, 0, 255, 255}, color.NRGBA{255, 255, 255, 255}
)

// quarters is a picture of red and green above blue and white.
func quarters(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, [4]color.NRGBA{red, green, blue, white}[2*(2*y/height)+2*x/width])
		}
	}
	return m
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// written is a picture as a file.
func written(format string, m image.Image) []byte {
	var out bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&out, m)
	case "jpeg":
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: 100})
	case "tiff":
		err = tiff.Encode(&out, m, nil)
	case "gif":
		err = gif.Encode(&out, m, nil)
	default:
		panic(format)
	}
	return must(out.Bytes(), err)
}

func testdata(name string) []byte { return must(os.ReadFile(filepath.Join("testdata", name))) }

// shown is a decoded picture on a white screen.
func shown(t testing.TB, raw []byte) (m *image.NRGBA, p picture.Picture) {
	t.Helper()
	p, err := picture.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	m = image.NewNRGBA(image.Rect(0, 0, p.Screen.Dx(), p.Screen.Dy()))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(m, m.Rect, p.Image, p.Screen.Min, draw.Over)
	return m, p
}

// near compares two colours.
func near(a, b color.NRGBA, most int) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
		if d < -most || d > most {
			return false
		}
	}
	return true
}

// same compares a picture that is shown with the one that it should be.
func same(t *testing.T, got, want *image.NRGBA, most int) {
	t.Helper()
	if got.Rect != want.Rect {
		t.Fatalf("it has %v pixels, want %v", got.Rect.Max, want.Rect.Max)
	}
	for y := range want.Rect.Dy() {
		for x := range want.Rect.Dx() {
			if a, b := got.NRGBAAt(x, y), want.NRGBAAt(x, y); !near(a, b, most) {
				t.Fatalf("pixel (%d, %d) is %v, want %v", x, y, a, b)
			}
		}
	}
}

// files are one of each kind.
func files() map[string][]byte {
	gray := image.NewGray(image.Rect(0, 0, 40, 30))
	all := map[string][]byte{
		"gray.jpg": written("jpeg", gray), "colour.jpg": written("jpeg", quarters(40, 30)), "colour.png": written("png", quarters(40, 30)),
		"gray.png": written("png", gray), "colour.gif": written("gif", quarters(40, 30)), "colour.tif": written("tiff", quarters(40, 30)),
		"ascii.pgm": []byte("P2 2 2 9 1 2 3 4"), "bytes.ppm": []byte("P6 1 1 255 abc"), "565.bmp": bmp{bits: 16, packing: 3, width: 1, height: 1,
			masks: []uint32{0xf800, 0x7e0, 0x1f}, pixels: []byte{0, 0, 0, 0}}.file(), "planar.tif": tif{width: 3, height: 2, bits: 8, samples: 3, colour: 2,
			planar: true, values: make([]int, 18)}.file(), "big.tif": tif{width: 3, height: 2, bits: 4, samples: 1, colour: 1, big: true, values: make([]int, 6)}.file(),
		"rle.bmp": bmp{bits: 8, packing: 1, width: 2, height: 1, palette: grayTable(256), pixels: []byte{2, 7, 0, 1}}.file(),
	}
	for _, path := range must(filepath.Glob("testdata/*.webp")) {
		all[filepath.Base(path)] = must(os.ReadFile(path))
	}
	return all
}

// TestCut: a file that ends too soon is refused at every length, or has nothing missing that is seen: the last of its marks.
func TestCut(t *testing.T) {
	for name, raw := range files() {
		whole, _ := shown(t, raw)
		for n := range raw {
			p, err := picture.Decode(raw[:n])
			if err == nil {
				m := image.NewNRGBA(whole.Rect)
				draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
				draw.Draw(m, m.Rect, p.Image, p.Screen.Min, draw.Over)
				if !bytes.Equal(m.Pix, whole.Pix) {
					t.Errorf("%s: %d of %d bytes are read as another picture", name, n, len(raw))
					break
				}
				continue
			}
			if words := err.Error(); strings.Contains(words, "\n") || strings.Contains(words, "EOF") || strings.Contains(words, "invalid") || strings.Contains(words, ": unsupported") {
				t.Errorf("%s: %d of %d bytes: %q", name, n, len(raw), words)
			}
		}
	}
	for name, missing := range map[string]int{"colour.png": 12, "gray.png": 5, "colour.jpg": 2, "gray.jpg": 1, "colour.gif": 1} {
		raw := files()[name]
		if _, err := picture.Decode(raw[:len(raw)-missing]); err != nil {
			t.Errorf("%s without the last %d bytes, which are no pixels: %v", name, missing, err)
		}
	}
}

// TestRefused: what is not read is refused by what it is, with what to do.
func TestRefused(t *testing.T) {
	frame := func(marker byte, bits, channels int) []byte {
		body := []byte{0, byte(8 + 3*channels), byte(bits), 0, 8, 0, 8, byte(channels)}
		for i := range channels {
			body = append(body, byte(i+1), 0x11, 0)
		}
		return append([]byte{0xff, 0xd8, 0xff, marker}, body...)
	}
	isoFile := func(brand string) []byte { return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00") }
	tga := make([]byte, 18+12)
	copy(tga, []byte{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 24, 0})
	one := tif{width: 1, height: 1, bits: 8, samples: 1, colour: 1, values: []int{7}}
	with := func(change func(f *tif)) []byte {
		f := one
		change(&f)
		return f.file()
	}
	for _, c := range []struct {
		raw  []byte
		says []string
	}{
		{nil, []string{"0 bytes"}},
		{[]byte("words"), []string{"no JPEG, PNG, GIF, WebP, BMP, TIFF or PNM image"}},
		{isoFile("avif"), []string{"AVIF", "save it as PNG"}},
		{isoFile("heic"), []string{"HEIC", "save it as PNG"}},
		{[]byte("\xff\x0a and so on"), []string{"JPEG XL", "save it as PNG"}},
		{[]byte("\x00\x00\x00\x0cJXL \r\n\x87\n"), []string{"JPEG XL"}},
		{tga, []string{"TGA", "save it as PNG"}},
		{[]byte("8BPS\x00\x01"), []string{"Photoshop"}},
		{[]byte("P7\nWIDTH 1\n"), []string{"PAM"}},
		{[]byte("Pf\n1 1\n-1\n"), []string{"floating-point"}},
		{testdata("s_11_22.jpg"), []string{"1×1, 2×2, 2×2", "4:2:0"}},
		{testdata("s_14.jpg"), []string{"1×4, 1×1, 1×1"}},
		{testdata("s_24.jpg"), []string{"2×4, 1×1, 1×1"}},
		{testdata("s_31.jpg"), []string{"3×1, 1×1, 1×1"}},
		{testdata("s_221112.jpg"), []string{"2×2, 1×1, 1×2"}},
		{testdata("s_222211.jpg"), []string{"2×2, 2×2, 1×1"}},
		{frame(0xc3, 8, 3), []string{"lossless JPEG", "PNG"}},
		{frame(0xc5, 8, 3), []string{"hierarchical JPEG"}},
		{frame(0xc9, 8, 3), []string{"arithmetic coding"}},
		{frame(0xc1, 12, 3), []string{"12 bits"}},
		{frame(0xc0, 8, 2), []string{"2 channels"}},
		{[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x04CgBI\x00\x00\x00\x00\x00\x00\x00\x00"), []string{"CgBI"}},
		{with(func(f *tif) { f.format = 3; f.bits = 32; f.values = []int{0} }), []string{"floating-point", "8 or 16 bits"}},
		{with(func(f *tif) { f.format = 2 }), []string{"with a sign"}},
		{with(func(f *tif) { f.bits = 32 }), []string{"32 bits"}},
		{with(func(f *tif) { f.packing = 7 }), []string{"packed by JPEG"}},
		{with(func(f *tif) { f.packing = 4 }), []string{"fax"}},
		{with(func(f *tif) { f.packing = 50000 }), []string{"method 50000", "LZW"}},
		{with(func(f *tif) { f.colour = 8 }), []string{"CIELAB"}},
		{with(func(f *tif) { f.colour = 6 }), []string{"YCbCr"}},
		{with(func(f *tif) { f.colour = 2 }), []string{"1 channels where it needs 3"}},
		{bmp{bits: 24, packing: 4, width: 1, height: 1, pixels: make([]byte, 4)}.file(), []string{"JPEG in it"}},
		{bmp{bits: 64, width: 1, height: 1, pixels: make([]byte, 8)}.file(), []string{"64 bits"}},
		{[]byte("P5 0 3 255\n"), []string{"0 × 3"}},
		{[]byte("P5 3 3 70000\n"), []string{"65535"}},
		{[]byte("P5 10000 10000 255\n"), []string{"10000 × 10000 pixels (100 million)", "reduce it"}},
	} {
		_, err := picture.Decode(c.raw)
		if err == nil {
			t.Errorf("%v is read", c.says)
			continue
		}
		for _, words := range c.says {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%q does not say %q", err, words)
			}
		}
	}
}

// TestInks: four inks without Adobe's marker are read as with it, as libjpeg and Pillow do: they give (181, 108, 54).
func TestInks(t *testing.T) {
	m, _ := shown(t, testdata("cmyk_noadobe.jpg"))
	if got := m.NRGBAAt(8, 8); !near(got, color.NRGBA{181, 108, 54, 255}, 1) {
		t.Errorf("the colour is %v, want 181, 108, 54", got)
	}
}

// TestPeek: the beginning of a file says what all of it does; a header that is far from it is waited for.
func TestPeek(t *testing.T) {
	for name, raw := range files() {
		head, err := picture.Peek(picture.NewReader(bytes.NewReader(raw)), int64(len(raw)))
		_, p := shown(t, raw)
		if err != nil || head.Width != p.Screen.Dx() || head.Height != p.Screen.Dy() || !head.Unsure && head.Gray != p.Gray {
			t.Errorf("%s: %+v, %v, decoded %v, gray: %t", name, head, err, p.Screen, p.Gray)
		}
	}
	far := written("jpeg", quarters(40, 30))
	note := append([]byte{0xff, 0xfe, 0xff, 0xff}, make([]byte, 65533)...)
	far = append(append([]byte{0xff, 0xd8}, bytes.Repeat(note, 3)...), far[2:]...)
	head, err := picture.Peek(picture.NewReader(bytes.NewReader(far)), int64(len(far)))
	if err != nil || !head.Unsure || head.Bytes != picture.MostBytes {
		t.Errorf("a far header: %+v, %v", head, err)
	}
	if m, _ := shown(t, far); m.Rect.Dx() != 40 {
		t.Errorf("a far header: %v", m.Rect)
	}
}

// TestMemory: decoding takes no more memory than the header says.
func TestMemory(t *testing.T) {
	const side = 720
	rows := make([]int, side*side)
	gray := image.NewGray(image.Rect(0, 0, side, side))
	deep := image.NewNRGBA64(gray.Rect)
	for name, raw := range map[string][]byte{
		"png": written("png", quarters(side, side)), "png, 16 bits": written("png", deep), "jpeg": written("jpeg", quarters(side, side)), "gray jpeg": written("jpeg", gray),
		"gif": written("gif", quarters(side, side)), "tiff": written("tiff", quarters(side, side)), "gray tiff": written("tiff", gray),
		"tiff, planar": tif{width: side, height: side / 3, bits: 8, samples: 3, colour: 2, planar: true, values: rows}.file(),
		"pgm":          append([]byte("P5 720 720 255\n"), gray.Pix...),
		"progressive":  progressive(side, 2),
	} {
		head, err := picture.Peek(picture.NewReader(bytes.NewReader(raw)), int64(len(raw)))
		if err != nil {
			t.Fatal(name, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := picture.Decode(raw); err != nil {
			t.Fatal(name, err)
		}
		runtime.ReadMemStats(&after)
		if took, room := int64(after.TotalAlloc-before.TotalAlloc), head.Bytes-int64(len(raw))+1<<20; took > room {
			t.Errorf("%s: decoding took %d kB, the header says %d", name, took>>10, room>>10)
		}
	}
}

// progressive is a gray JPEG of a side, a multiple of eight, in so many scans: the first says that no block differs from the one before,
// the others, in a few bytes, that nothing changes.
func progressive(side, scans int) []byte {
	segment := func(marker byte, body ...byte) []byte {
		return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	blocks := side / 8 * side / 8
	table := func(class, symbol byte) []byte { // of one code of one bit, 0
		return segment(0xc4, append(append([]byte{class, 1}, make([]byte, 15)...), symbol)...)
	}
	file := slices.Concat([]byte{0xff, 0xd8}, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(0xc2, 8, byte(side>>8), byte(side), byte(side>>8), byte(side), 1, 1, 0x11, 0), table(0, 0), table(0x10, 0xe0),
		segment(0xda, 1, 1, 0, 0, 0, 0), make([]byte, (blocks+7)/8))
	var bits string // of a scan: the ends of runs of blocks, each of at most 2^15 − 1
	for left := blocks; left > 0; left -= 1<<15 - 1 {
		run := min(left, 1<<15-1)
		bits += fmt.Sprintf("0%014b", max(run-1<<14, 0))
	}
	bits += strings.Repeat("1", (8-len(bits)%8)%8)
	scan := segment(0xda, 1, 1, 0, 1, 63, 0)
	for ; len(bits) > 0; bits = bits[8:] {
		b := byte(must(strconv.ParseUint(bits[:8], 2, 8)))
		scan = append(scan, b)
		if b == 0xff {
			scan = append(scan, 0)
		}
	}
	return slices.Concat(file, bytes.Repeat(scan, scans-1), []byte{0xff, 0xd9})
}

// TestScans: a JPEG may not go over its picture without end.
func TestScans(t *testing.T) {
	if _, err := picture.Decode(progressive(64, 90)); err != nil {
		t.Errorf("90 scans: %v", err)
	}
	_, err := picture.Decode(progressive(64, 5000))
	if err == nil || !strings.Contains(err.Error(), "5000 scans, at most 100") || !strings.Contains(err.Error(), "baseline") {
		t.Errorf("5000 scans: %v", err)
	}
}

// FuzzDecode: any bytes are a picture on a screen within the limits, or refused in one line.
func FuzzDecode(f *testing.F) {
	for _, raw := range files() {
		f.Add(raw)
	}
	f.Add(progressive(64, 3))
	f.Fuzz(func(t *testing.T, raw []byte) {
		head, lookErr := picture.Peek(picture.NewReader(bytes.NewReader(raw)), int64(len(raw)))
		if lookErr == nil && head.Width*head.Height > 1<<22 {
			return // it takes long
		}
		p, err := picture.Decode(raw)
		switch {
		case err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 300 || errors.Unwrap(err) != nil):
			t.Fatal(err)
		case err == nil && (p.Screen.Empty() || !p.Bounds().In(p.Screen) || p.Orientation < 1 || p.Orientation > 8):
			t.Fatal(p.Screen, p.Bounds(), p.Orientation)
		}
	})
}
