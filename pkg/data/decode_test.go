package data_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/unipair/unipair/pkg/data"
)

// quadrants is a picture of four colours, one a quarter: top left, top right, bottom left, bottom right.
func quadrants(width, height int, colours [4]color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, colours[2*(2*y/height)+2*x/width])
		}
	}
	return m
}

var (
	grays = [4]color.Color{color.Gray{0}, color.Gray{85}, color.Gray{170}, color.Gray{255}}
	rgbw  = [4]color.Color{
		color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}, color.NRGBA{255, 255, 255, 255},
	}
)

// encoded is a picture as a file of a format.
func encoded(t testing.TB, format string, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&out, m)
	case "jpeg":
		err = jpeg.Encode(&out, m, &jpeg.Options{Quality: 100})
	case "gif":
		paletted := image.NewPaletted(m.Bounds(), append(rgbw[:], grays[1], grays[2]))
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				paletted.Set(x, y, m.At(x, y))
			}
		}
		err = gif.Encode(&out, paletted, nil)
	case "bmp":
		err = bmp.Encode(&out, m)
	case "tiff":
		err = tiff.Encode(&out, m, &tiff.Options{Compression: tiff.Deflate})
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// dot is a WebP picture of one transparent pixel.
var dot = must(base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// corners are the middles of the four quarters of a picture.
func corners(m data.Image) (found [4][]float32) {
	for k := range found {
		x, y := (1+2*(k%2))*m.Width/4, (1+2*(k/2))*m.Height/4
		n := m.Channels()
		found[k] = m.Pixels[(y*m.Width+x)*n:][:n]
	}
	return found
}

func near(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 0.02 {
			return false
		}
	}
	return true
}

func TestFormats(t *testing.T) {
	want := [4][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}
	for _, format := range []string{"png", "jpeg", "gif", "bmp", "tiff"} {
		m, err := data.DecodeImage(encoded(t, format, quadrants(32, 16, rgbw)))
		if err != nil {
			t.Fatal(format, err)
		}
		for k, got := range corners(m) {
			if m.Width != 32 || m.Height != 16 || !near(got, want[k]) {
				t.Errorf("%s: %d × %d, quarter %d is %v, want %v", format, m.Width, m.Height, k, got, want[k])
			}
		}
	}
	m, err := data.DecodeImage(dot)
	if err != nil || m.Width != 1 || !near(m.Pixels, []float32{1, 1, 1}) {
		t.Errorf("WebP, transparent: %v, %v, want white", m, err)
	}
}

// TestLossyWebP: Pillow wrote four pure colours (testdata/images.py), and none of them is pale.
func TestLossyWebP(t *testing.T) {
	m, err := data.DecodeImage(must(os.ReadFile("testdata/lossy.webp")))
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range corners(m) {
		if want := [][]float32{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}}[k]; !near(got, want) {
			t.Errorf("quarter %d is %v, want %v", k, got, want)
		}
	}
}

func TestGrayFilesAreGray(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 8, 8))
	deep := image.NewGray16(image.Rect(0, 0, 8, 8))
	palette := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette(grays[:]))
	for i := range 64 {
		gray.SetGray(i%8, i/8, color.Gray{85})
		deep.SetGray16(i%8, i/8, color.Gray16{85 * 257})
		palette.SetColorIndex(i%8, i/8, 1)
	}
	for name, raw := range map[string][]byte{
		"png": encoded(t, "png", gray), "jpeg": encoded(t, "jpeg", gray), "16 bits": encoded(t, "png", deep),
		"palette": encoded(t, "png", palette), "tiff": encoded(t, "tiff", gray), "part": encoded(t, "png", gray.SubImage(image.Rect(3, 3, 8, 8))),
	} {
		m, err := data.DecodeImage(raw)
		if err != nil || m.Channels() != 1 || !near(m.Pixels[:1], []float32{1. / 3}) {
			t.Errorf("%s: %d channels, %v, %v", name, m.Channels(), m.Pixels, err)
		}
	}
}

// TestLargePictureIsReduced: each new pixel is the mean of 3 × 3, and of what is left of it at the borders.
func TestLargePictureIsReduced(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 4100, 7))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i % 4100 % 251)
	}
	m, err := data.DecodeImage(encoded(t, "png", gray))
	if err != nil || m.Width != 1367 || m.Height != 3 {
		t.Fatalf("%d × %d, %v", m.Width, m.Height, err)
	}
	if got := m.Pixels[10] * 255; math.Abs(float64(got-31)) > 1e-4 { // columns 30, 31, 32
		t.Errorf("pixel 10 is %g, want 31", got)
	}
	if got := m.Pixels[1366] * 255; math.Abs(float64(got)-float64(4098%251+4099%251)/2) > 1e-4 {
		t.Errorf("the last is %g", got)
	}
}

// withOrientation adds an EXIF block with the number to a JPEG file.
func withOrientation(raw []byte, n byte) []byte {
	exif := append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), n, 0, 0, 0, 0, 0, 0, 0)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(bytes.Clone(raw[:2]), segment...), raw[2:]...)
}

// TestOrientation goes by EXIF's own words: where the file's first row and first column are to be seen.
func TestOrientation(t *testing.T) {
	const tl, tr, bl, br = 0, 1, 2, 3
	raw := encoded(t, "jpeg", quadrants(64, 32, grays))
	for n, seen := range map[byte][4]int{ // where the file's top left, top right, bottom left and bottom right are seen
		0: {tl, tr, bl, br}, 1: {tl, tr, bl, br}, 9: {tl, tr, bl, br},
		2: {tr, tl, br, bl}, // first row at the top, first column at the right
		3: {br, bl, tr, tl}, // bottom, right
		4: {bl, br, tl, tr}, // bottom, left
		5: {tl, bl, tr, br}, // left, top
		6: {tr, br, tl, bl}, // right, top
		7: {br, tr, bl, tl}, // right, bottom
		8: {bl, tl, br, tr}, // left, bottom
	} {
		m, err := data.DecodeImage(withOrientation(raw, n))
		if err != nil {
			t.Fatal(err)
		}
		if lies := n >= 5 && n <= 8; lies != (m.Height == 64) {
			t.Errorf("orientation %d: %d × %d", n, m.Width, m.Height)
		}
		found := corners(m)
		for k, at := range seen {
			if want := float32(k) / 3; !near(found[at], []float32{want, want, want}) {
				t.Errorf("orientation %d: quarter %d is %v, want %g", n, at, found[at], want)
			}
		}
	}
	damaged := withOrientation(raw, 6)
	damaged[12] = 'x' // the EXIF block's byte order
	if m, err := data.DecodeImage(damaged); err != nil || m.Width != 64 {
		t.Errorf("a damaged EXIF block: %d × %d, %v", m.Width, m.Height, err)
	}
}

func TestBadImages(t *testing.T) {
	whole := encoded(t, "png", quadrants(32, 16, rgbw))
	photo := encoded(t, "jpeg", quadrants(64, 64, rgbw))
	for name, test := range map[string]struct {
		raw  []byte
		says string
	}{
		"empty":        {nil, "0 bytes"},
		"text":         {[]byte("this is no image at all"), "no JPEG, PNG"},
		"head of png":  {whole[:20], "ends before"},
		"cut png":      {whole[:len(whole)-20], ""},
		"cut jpeg":     {photo[:len(photo)/2], ""},
		"100 million":  {claim(whole, 10_000), "10000 × 10000 pixels (100 million)"},
		"4 billion":    {claim(whole, 1<<31-1), ""},
		"no pixels":    {claim(whole, 0), ""},
		"huge for RAM": {claim(whole, 8_193), "8193 × 8193"},
		"fax":          {must(os.ReadFile("testdata/fax.tif")), "packed as a fax"},
	} {
		_, err := data.DecodeImage(test.raw)
		if err == nil || test.says != "" && !bytes.Contains([]byte(err.Error()), []byte(test.says)) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

// FuzzDecodeImage: any bytes are an image with finite pixels, or an error.
func FuzzDecodeImage(f *testing.F) {
	for _, format := range []string{"png", "jpeg", "gif", "bmp", "tiff"} {
		f.Add(encoded(f, format, quadrants(8, 6, rgbw)))
	}
	f.Add(dot)
	f.Add(must(os.ReadFile("testdata/lossy.webp")))
	f.Add(withOrientation(encoded(f, "jpeg", quadrants(8, 8, grays)), 6))
	for _, path := range must(filepath.Glob("../../internal/picture/testdata/*")) {
		f.Add(must(os.ReadFile(path)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := data.DecodeImage(raw)
		if err == nil {
			if n := m.Channels(); n != 1 && n != 3 || len(m.Pixels) != n*m.Width*m.Height || m.Width > 2048 || m.Height > 2048 {
				t.Fatal(fmt.Sprint(m.Width, m.Height, len(m.Pixels)))
			}
		}
	})
}
