package rundir

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// photos writes a folder of ten classes, two plain pictures each.
func photos(t *testing.T, gray bool) string {
	t.Helper()
	dir := t.TempDir()
	for class := range 10 {
		below := filepath.Join(dir, fmt.Sprint("class ", class))
		if err := os.Mkdir(below, 0o755); err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			var m draw.Image = image.NewNRGBA(image.Rect(0, 0, 8, 8))
			if gray {
				m = image.NewGray(m.Bounds())
			}
			for i := range 64 {
				m.Set(i%8, i/8, color.NRGBA{R: uint8(20 * class), G: uint8(100 * k), B: uint8(i), A: 255})
			}
			var text bytes.Buffer
			if err := png.Encode(&text, m); err != nil {
				t.Fatal(err)
			}
			if err := file.WriteBytes(filepath.Join(below, fmt.Sprint(k, ".png")), text.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// Of pictures of one's own a training says once which are kept for the test; of coloured ones also that its network was made for drawings,
// unless it is told otherwise.
func TestAdvice(t *testing.T) {
	device := backendtest.Go(t)
	const kept, drawings = "kept for the test: 2 classes, 4 images", "the network sees 28 × 28 pixels"
	coloured, gray := photos(t, false), photos(t, true)
	for name, c := range map[string]struct {
		data   string
		change func(*train.Config)
		all    bool
		want   []string
	}{
		"coloured":          {coloured, func(*train.Config) {}, false, []string{kept, drawings}},
		"as photographs":    {coloured, func(c *train.Config) { c.Augment = data.PhotoAugment() }, false, []string{kept}},
		"of another size":   {coloured, func(c *train.Config) { c.Size = 16 }, false, []string{kept}},
		"learning from all": {coloured, func(*train.Config) {}, true, []string{drawings}},
		"gray":              {gray, func(c *train.Config) { c.Channels = 1 }, false, []string{kept}},
	} {
		t.Run(name, func(t *testing.T) {
			run, _ := little(t)
			run.Data, run.Steps, run.Size, run.AllClasses = "folder:"+c.data, 1, train.DefaultConfig().Size, c.all
			c.change(&run.Config)
			set, err := datasets.Find(run.Data)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "run")
			for again := range 2 {
				var said bytes.Buffer
				job, err := Open(run, set, dir, train.Options{}, &said)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := job.Train(t.Context(), device); err != nil {
					t.Fatal(err)
				}
				for _, line := range []string{kept, drawings} {
					wanted := again == 0 && strings.Contains(strings.Join(c.want, "\n"), line)
					if strings.Contains(said.String(), line) != wanted {
						t.Errorf("time %d: %q is said: %v; said %q", again, line, !wanted, &said)
					}
				}
			}
		})
	}
}
