package features_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/features"
	"github.com/unipair/unipair/pkg/data"
)

// counted is a network that gives the first pixel and the mean of a picture, and counts what it sees.
type counted struct {
	features.Maker
	seen int // pictures, those that fill a batch left out
}

func maker(cache, key string) *counted {
	c := &counted{Maker: features.Maker{Key: key, Dim: 2, Prepare: data.Preparation{Size: 4, Channels: 1}, Cache: cache}}
	c.Embed = func(pictures []float32) ([]float32, error) {
		var rows []float32
		for p := range slices.Chunk(pictures, c.Prepare.Size*c.Prepare.Size) {
			mean := float32(0)
			for _, v := range p {
				mean += v / float32(len(p))
			}
			if mean > 0 {
				c.seen++
			}
			rows = append(rows, p[0], mean)
		}
		return rows, nil
	}
	return c
}

// pictures makes a folder of two classes with three pictures each, all others.
func pictures(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range 6 {
		paint(t, filepath.Join(dir, fmt.Sprintf("class%d", i/3), fmt.Sprintf("%d.png", i)), uint8(40+30*i))
	}
	return dir
}

func paint(t *testing.T, path string, gray uint8) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range m.Pix {
		m.SetGray(i%4, i/4, color.Gray{Y: gray + uint8(i)})
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(to, m), to.Close()); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, dir string) data.Dataset {
	t.Helper()
	set, err := data.Folder(t.Context(), dir, data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// all are the rows of a set.
func all(t *testing.T, set data.Dataset) (numbers []float32) {
	t.Helper()
	for i := range set.Len() {
		row, err := set.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, row.Pixels...)
	}
	return numbers
}

// Each picture goes through the network once, in whatever set it comes again, unless its file or the network is another.
func TestOnce(t *testing.T) {
	cache, dir, size := t.TempDir(), pictures(t), 4
	path := maker(cache, "abc").Path()
	for _, step := range []struct {
		name   string
		key    string
		change func()
		set    func() data.Dataset
		seen   int
	}{
		{"new", "abc", func() {}, func() data.Dataset { return folder(t, dir) }, 6},
		{"again", "abc", func() {}, func() data.Dataset { return folder(t, dir) }, 0},
		{"a part", "abc", func() {}, func() data.Dataset {
			return data.Subset(folder(t, dir), "part", func(class string) bool { return class == "class1" })
		}, 0},
		{"another network", "def", func() {}, func() data.Dataset { return folder(t, dir) }, 6},
		{"a file that changed", "abc", func() { paint(t, filepath.Join(dir, "class0", "0.png"), 7) },
			func() data.Dataset { return folder(t, dir) }, 1},
		{"turned", "abc", func() {}, func() data.Dataset { return data.Rotations(folder(t, dir)) }, 18},
		{"turned again", "abc", func() {}, func() data.Dataset { return data.Rotations(folder(t, dir)) }, 0},
		{"another preparation", "abc", func() { size = 5 }, func() data.Dataset { return folder(t, dir) }, 6},
		{"a damaged cache", "abc", func() { flip(t, path) }, func() data.Dataset { return folder(t, dir) }, 6},
		{"another network's cache", "ghi", func() { copyFile(t, path, maker(cache, "ghi").Path()) },
			func() data.Dataset { return folder(t, dir) }, 6},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.change()
			m, set := maker(cache, step.key), step.set()
			m.Prepare.Size = size
			made, err := m.Of(t.Context(), set)
			if err != nil {
				t.Fatal(err)
			}
			if m.seen != step.seen {
				t.Errorf("the network saw %d pictures, want %d", m.seen, step.seen)
			}
			anew := maker("", step.key)
			anew.Prepare.Size, size = size, 4
			fresh, err := anew.Of(t.Context(), set)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := all(t, made), all(t, fresh); !slices.Equal(got, want) {
				t.Errorf("the rows are %v, made anew %v", got, want)
			}
			if made.Format().Features != 2 || made.Len() != set.Len() || data.Source(made, 1) != data.Source(set, 1) ||
				made.Label(0) != set.Label(0) {
				t.Errorf("%+v, %d of %d", made.Format(), made.Len(), set.Len())
			}
		})
	}
}

// Rows that another process keeps while one makes its own stay, as where several embed together, each its share.
func TestKeptMeanwhile(t *testing.T) {
	cache, dir := t.TempDir(), pictures(t)
	share := func(class string) data.Dataset {
		return data.Subset(folder(t, dir), class, func(c string) bool { return c == class })
	}
	one, other := maker(cache, "abc"), maker(cache, "abc")
	embed := one.Embed
	one.Embed = func(pictures []float32) ([]float32, error) {
		if _, err := other.Of(t.Context(), share("class1")); err != nil {
			return nil, err
		}
		return embed(pictures)
	}
	if _, err := one.Of(t.Context(), share("class0")); err != nil {
		t.Fatal(err)
	}
	after := maker(cache, "abc")
	if _, err := after.Of(t.Context(), folder(t, dir)); err != nil {
		t.Fatal(err)
	}
	if one.seen != 3 || other.seen != 3 || after.seen != 0 {
		t.Errorf("the networks saw %d, %d and then %d pictures, want 3, 3 and 0", one.seen, other.seen, after.seen)
	}
}

// What was made before an error, or before the program was stopped, is kept.
func TestStopped(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	for i := range 40 { // a batch, and some
		paint(t, filepath.Join(dir, "class", fmt.Sprintf("%d.png", i)), uint8(40+5*i))
	}
	ctx, stop := context.WithCancel(t.Context())
	m := maker(cache, "abc")
	m.Tell = func(int, int) { stop() }
	if _, err := m.Of(ctx, folder(t, dir)); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "\n") {
		t.Errorf("stopped: %v", err)
	}
	again := maker(cache, "abc")
	if _, err := again.Of(t.Context(), folder(t, dir)); err != nil || m.seen != 32 || again.seen != 8 {
		t.Errorf("the network saw %d pictures, then %d, %v", m.seen, again.seen, err)
	}
}

// flip changes a byte in the middle of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFails(t *testing.T) {
	dir := pictures(t)
	set := folder(t, dir)
	broken := maker("", "a")
	broken.Embed = func([]float32) ([]float32, error) { return nil, errors.New("the network is broken") }
	short := maker("", "a")
	short.Embed = func([]float32) ([]float32, error) { return make([]float32, 6), nil }
	made, err := maker("", "a").Of(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := made.Image(6); err == nil {
		t.Errorf("picture 6 of 6 is %v", row)
	}
	for _, test := range []struct {
		name string
		m    *counted
		set  data.Dataset
		want string
	}{
		{"a broken network", broken, set, "the network is broken"},
		{"a short row", short, set, "gives 6 numbers for 32 pictures, want 2 each"},
		{"features", maker("", "a"), made, "has features already"},
	} {
		if _, err := test.m.Of(t.Context(), test.set); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want: %s", test.name, err, test.want)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := maker("", "a").Of(stopped, set); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "class0", "0.png"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := maker("", "a").Of(t.Context(), set); err == nil || !strings.Contains(err.Error(), "0.png") {
		t.Errorf("a picture that is none: %v", err)
	}
}

// A folder that rows cannot be read from or written to is said, once, and stops nothing, where somebody hears it; else it is an error.
func TestUnkept(t *testing.T) {
	set := folder(t, pictures(t))
	want, err := maker("", "a").Of(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]string{"a file for the cache": "", "a file for its folder": "features", "a folder for its file": "rows"} {
		t.Run(name, func(t *testing.T) {
			cache := filepath.Join(t.TempDir(), "cache")
			m := maker(cache, "a")
			switch block {
			case "rows":
				err = os.MkdirAll(filepath.Join(m.Path(), "inside"), 0o755)
			default:
				at := filepath.Join(cache, block)
				err = errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, nil, 0o644))
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Of(t.Context(), set); err == nil || !strings.HasPrefix(err.Error(), "features: ") {
				t.Errorf("nobody hears it: %v", err)
			}
			var heard []error
			m.Unkept = func(err error) { heard = append(heard, err) }
			got, err := m.Of(t.Context(), set)
			if err != nil {
				t.Fatal(err)
			}
			if len(heard) != 1 || !strings.HasPrefix(heard[0].Error(), "features: ") || !slices.Equal(all(t, got), all(t, want)) {
				t.Errorf("heard %v, got %v", heard, all(t, got))
			}
		})
	}
}
