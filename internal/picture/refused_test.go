package picture_test

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/picture"
)

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
		{[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), []string{"no table of colours"}},
		{with(func(f *tif) { f.format = 3; f.bits = 32; f.values = []int{0} }), []string{"floating-point", "8 or 16 bits"}},
		{with(func(f *tif) { f.format = 2 }), []string{"with a sign"}},
		{with(func(f *tif) { f.bits = 32 }), []string{"32 bits"}},
		{with(func(f *tif) { f.packing = 7 }), []string{"packed by JPEG"}},
		{with(func(f *tif) { f.packing = 4 }), []string{"fax"}},
		{with(func(f *tif) { f.packing = 50000 }), []string{"method 50000", "LZW"}},
		{with(func(f *tif) { f.samples, f.depths, f.values = 2, []int{8, 4}, []int{7, 7} }), []string{"8 bits for one channel and 4 for another"}},
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
