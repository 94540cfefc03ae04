package onnx_test

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/onnx"
	"github.com/unipair/unipair/pkg/train"
)

// TestMain keeps features of examples and tests out of the user's cache.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "onnx")
	if err == nil {
		err = os.Setenv("XDG_CACHE_HOME", dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// glyphs are characters of a few classes.
func glyphs(t *testing.T) data.Dataset {
	t.Helper()
	set, err := data.Glyphs(data.GlyphsConfig{Classes: 6, PerClass: 4, Size: 16})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// little returns a short training with a network from a file, or another architecture.
func little(architecture string, b train.Backbone) train.Config {
	config := train.DefaultConfig()
	config.Network = train.Network{Architecture: train.Architecture(architecture), Dim: 8, Backbone: b}
	config.Classes, config.PerClass, config.Steps, config.Warmup = 3, 2, 3, 1
	return config
}

func picturesOf(t *testing.T, set data.Dataset) (all []data.Image) {
	t.Helper()
	for i := range set.Len() {
		picture, err := set.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, picture)
	}
	return all
}

// TestRun: what is trained embeds pictures at once, and alike when it is opened again, is written, and read from what was written.
func TestRun(t *testing.T) {
	device, set := backendtest.Go(t), glyphs(t)
	conv := "onnx:" + onnxtest.Convolutional().File(t)
	pixels := onnx.Presets()["imagenet"]
	small := little("", train.Backbone{})
	small.Network = train.Network{Size: 16, Width: 2, Dim: 8}
	for _, c := range []struct {
		name   string
		config train.Config
		says   string
	}{
		{"a head", little(conv, train.Backbone{Pixels: pixels}), "does not learn"},
		{"all of it", little(conv, train.Backbone{Pixels: pixels, Train: "all"}), "layers learn"},
		{"no network from elsewhere", small, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			var said strings.Builder
			result, err := onnx.Run(t.Context(), device, c.config, set, train.Options{Dir: dir}, &said)
			if err != nil || result.Step != 3 || !strings.Contains(said.String(), c.says) {
				t.Fatalf("%+v, %v, said %q; want %q", result, err, &said, c.says)
			}
			pictures := picturesOf(t, set)
			one, err := result.Embedder.Embed(pictures...)
			if err != nil || len(one) != set.Len()*8 {
				t.Fatalf("%d numbers, %v", len(one), err)
			}
			opened, err := onnx.Load(t.Context(), device, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if two, err := opened.Embed(pictures...); err != nil || !slices.Equal(one, two) {
				t.Errorf("opened again it gives other embeddings, %v", err)
			}
			again, err := onnx.Run(t.Context(), device, c.config, set, train.Options{Dir: dir}, nil)
			if err != nil || again.Resumed != 3 {
				t.Errorf("the same run again: %+v, %v; want it resumed at 3", again, err)
			}

			path := filepath.Join(t.TempDir(), "glyphs.onnx")
			err = onnx.Write(t.Context(), device, path, dir, set)
			if errors.Is(err, onnxruntime.ErrNone) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			front, dim, err := onnx.Features(t.Context(), device, train.Network{Architecture: train.Architecture("onnx:" + path)}, nil)
			if err != nil || dim != 8 {
				t.Fatalf("%d numbers, %v", dim, err)
			}
			rows, err := front.Embed(pictures...)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				for j, x := range row.Pixels {
					if difference := math.Abs(float64(x - one[i*dim+j])); difference > 1e-5 {
						t.Fatalf("the file gives %g for number %d of picture %d, %g from ours", x, j, i, difference)
					}
				}
			}
		})
	}
}

// TestRefuses: what cannot be opened is refused before work, in one line.
func TestRefuses(t *testing.T) {
	device, set, none := backendtest.Go(t), glyphs(t), filepath.Join(t.TempDir(), "none")
	file := "onnx:" + onnxtest.Convolutional().File(t)
	for _, c := range []struct {
		name string
		call func() error
		want string
	}{
		{"no preparation", func() error {
			_, err := onnx.Run(t.Context(), device, little(file, train.Backbone{}), set, train.Options{}, nil)
			return err
		}, "does not say how pixels are prepared"},
		{"no such file", func() error {
			_, err := onnx.Run(t.Context(), device, little("onnx:"+none, train.Backbone{}), set, train.Options{}, nil)
			return err
		}, "none"},
		{"features of ours", func() error {
			_, _, err := onnx.Features(t.Context(), device, train.Network{Architecture: train.ArchitectureMLP}, nil)
			return err
		}, `the architecture "mlp" is not from elsewhere`},
		{"a name without its end", func() error { return onnx.Write(t.Context(), device, none, none, set) }, "must end in .onnx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.call(); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q in one line", err, c.want)
			}
		})
	}
	if _, err := onnx.Load(t.Context(), device, none, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no run: %v", err)
	}
}
