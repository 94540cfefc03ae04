package which

import (
	"context"
	"io"
	"os"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// Live compares losses of one's choice on drawn glyphs, while one waits: a small network, small batches, two settings and three seeds each.
func Live(ctx context.Context, b compute.Backend, names ...string) (Table, error) {
	s := compare.Settings{Data: "glyphs", Losses: names, Trials: 2, Seeds: 3, Config: train.DefaultConfig()}
	c := &s.Config
	c.Loss, c.Network = "", train.Network{Size: 16, Width: 8, Dim: 32}
	c.Classes, c.PerClass, c.Steps, c.Warmup = 8, 4, 60, 10
	if quick.Asked() {
		s.Trials, s.Seeds, c.Steps = 1, 2, 12
	}
	dir, err := os.MkdirTemp("", "which-")
	if err != nil {
		return Table{}, err
	}
	defer os.RemoveAll(dir)
	r, err := compare.Make(ctx, b, dir, s, data.Options{}, io.Discard)
	return Table{Result: r}, err
}
