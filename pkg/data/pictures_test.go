package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/pkg/data"
)

// TestNames: every end of a name that a picture of a kind that is read may have is one; of others it is said what to do.
func TestNames(t *testing.T) {
	contents := [][]byte{
		encoded(t, "jpeg", quadrants(8, 8, rgbw)), encoded(t, "png", quadrants(8, 8, rgbw)), []byte("P5 2 2 255 abcd"), // what it is says its content
	}
	files := map[string][]byte{}
	for i, extension := range strings.Fields(".jpg .jpeg .jpe .jfif .png .apng .gif .webp .bmp .dib .tif .tiff .pgm .ppm .pbm .pnm .JPG .Pgm") {
		files[fmt.Sprintf("a/%d%s", i, extension)] = contents[i%3]
	}
	want := len(files)
	for _, extension := range strings.Fields(".avif .heic .heif .jxl .tga .txt") {
		files["a/x"+extension] = []byte("words")
	}
	told := ""
	ds, err := data.Folder(t.Context(), write(t, files), data.Options{Progress: func(line string) { told += line + "\n" }})
	if err != nil || ds.Len() != want {
		t.Fatalf("%v, %v; want %d images", ds, err, want)
	}
	for _, words := range []string{"left out: files that are no images by their names, 6", "pictures in .avif, .heic, .heif, .jxl, .tga are not read: save them as PNG or JPEG"} {
		if !strings.Contains(told, words) {
			t.Errorf("%q does not say %q", told, words)
		}
	}
	_, err = data.Folder(t.Context(), write(t, map[string][]byte{"a/x.heic": nil}), data.Options{})
	expect(t, err, "its files end in .heic (pictures in .heic are not read: save them as PNG or JPEG); images end in")
}

// paletted is a picture in one colour of a palette.
func paletted(index uint8, palette ...color.Color) *image.Paletted {
	m := image.NewPaletted(image.Rect(0, 0, 4, 4), palette)
	for i := range m.Pix {
		m.Pix[i] = index
	}
	return m
}

// TestChannels: a set has the channels that its pictures have when they are decoded, whatever their palettes have besides.
func TestChannels(t *testing.T) {
	silver, red := color.NRGBA{192, 192, 192, 255}, color.NRGBA{255, 0, 0, 255}
	var ownColours bytes.Buffer
	if err := gif.EncodeAll(&ownColours, &gif.GIF{Image: []*image.Paletted{paletted(0, red)}, Delay: []int{0},
		Config: image.Config{Width: 4, Height: 4, ColorModel: color.Palette{silver}}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want int
	}{
		"gray.png":               {plainPNG(t, 7), 3}, // it has three numbers a pixel
		"one number.png":         {encoded(t, "png", image.NewGray(image.Rect(0, 0, 4, 4))), 1},
		"gray of a palette.png":  {encoded(t, "png", paletted(0, silver, red)), 1},
		"red of a palette.png":   {encoded(t, "png", paletted(1, silver, red)), 3},
		"gray of a palette.bmp":  {encoded(t, "bmp", paletted(0, silver, red)), 1},
		"red of a palette.bmp":   {encoded(t, "bmp", paletted(1, silver, red)), 3},
		"colours of a frame.gif": {ownColours.Bytes(), 3},
		"x.pgm":                  {[]byte("P2 1 1 9 3"), 1},
		"x.ppm":                  {[]byte("P3 1 1 9 3 3 3"), 3},
	} {
		dir := write(t, map[string][]byte{"a/" + name: c.raw})
		m, err := data.ReadImage(filepath.Join(dir, "a", name))
		if err != nil || m.Channels() != c.want {
			t.Errorf("%s: %d channels, %v, want %d", name, m.Channels(), err, c.want)
		}
		for _, skip := range []func(string, error){nil, func(string, error) {}} {
			ds, err := data.Folder(t.Context(), dir, data.Options{Skip: skip})
			if err != nil || ds.Format().Channels != c.want {
				t.Errorf("a set of %s: %v, want %d channels", name, err, c.want)
			}
		}
	}
}

// TestGround: what a GIF's first frame does not cover has its background's colour, or is white; the frame is in its place.
func TestGround(t *testing.T) {
	silver, red := color.NRGBA{192, 192, 192, 255}, color.NRGBA{255, 0, 0, 255}
	for _, c := range []struct {
		second color.Color // of the palette, which no pixel uses
		want   []float32
	}{{red, []float32{1, 0, 0}}, {color.Transparent, []float32{1}}} {
		palette := color.Palette{silver, c.second}
		m := paletted(0, palette...)
		m.Rect = m.Rect.Add(image.Pt(30, 17))
		var file bytes.Buffer
		if err := gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{m}, Delay: []int{0}, BackgroundIndex: 1,
			Config: image.Config{Width: 40, Height: 40, ColorModel: palette}}); err != nil {
			t.Fatal(err)
		}
		got, err := data.DecodeImage(file.Bytes())
		if err != nil || got.Width != 40 || got.Height != 40 {
			t.Fatal(got.Width, got.Height, err)
		}
		for y := range 40 {
			for x := range 40 {
				want := c.want
				if (image.Point{X: x, Y: y}).In(m.Rect) {
					want = []float32{192. / 255, 192. / 255, 192. / 255}[:len(want)]
				}
				if at := (40*y + x) * len(want); !near(got.Pixels[at:at+len(want)], want) {
					t.Fatalf("(%d, %d) is %v, want %v", x, y, got.Pixels[at:at+len(want)], want)
				}
			}
		}
	}
}

// TestDecodingTakesTurns: pictures that are decoded at one time share the memory for that; one that waits for it ends with its context.
func TestDecodingTakesTurns(t *testing.T) {
	dir := write(t, map[string][]byte{"a/1.gif": encoded(t, "gif", quadrants(8, 8, rgbw))}) // it is decoded when it is looked at
	release := data.HoldDecoding()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := data.Folder(ctx, dir, data.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without memory: %v, want %v", err, context.DeadlineExceeded)
	}
	release()
	if _, err := data.Folder(t.Context(), dir, data.Options{}); err != nil {
		t.Error(err)
	}
}

// TestPipe: a pipe among the pictures is refused at once, by its name, once.
func TestPipe(t *testing.T) {
	dir := write(t, map[string][]byte{"a/1.png": plainPNG(t, 1)})
	pipe := filepath.Join(dir, "a", "2.png")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	_, ofFolder := data.Folder(t.Context(), dir, data.Options{})
	_, ofImage := data.ReadImage(pipe)
	for _, err := range []error{ofFolder, ofImage} {
		if expect(t, err, "data: ", "is a pipe"); strings.Count(err.Error(), pipe) != 1 {
			t.Errorf("%v: it names the pipe not once", err)
		}
	}
}
