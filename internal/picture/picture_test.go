package picture_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
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
	if p.Background != nil {
		draw.Draw(m, m.Rect, image.NewUniform(p.Background), image.Point{}, draw.Src)
	}
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
	wrong := files()["colour.png"]
	clear(wrong[len(wrong)-4:]) // the sum of the last chunk
	if _, err := picture.Decode(wrong); err != nil {
		t.Errorf("a PNG whose last chunk is damaged: %v", err)
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
