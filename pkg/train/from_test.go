package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// standing is a configuration of a step that moves nothing.
func standing(from string) train.Config {
	c := tiny()
	c.From, c.Steps, c.Warmup, c.FrozenNorm, c.LearningRate, c.Seed = from, 1, 0, true, 1e-30, 9
	return c
}

// weightsFile writes a network's weights as safetensors.
func weightsFile(t *testing.T, e *train.Embedder) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "weights.safetensors")
	written, err := os.Create(name)
	if err == nil {
		err = errors.Join(e.WriteWeights(written), written.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// A run begins with the network that another one gave: its last, its best, its mean, or that of a file. So do the means of its own.
func TestFromBeginsWithTheNetwork(t *testing.T) {
	b := backendtest.Go(t)
	for about, change := range map[string]func(c *train.Config){
		"the last": func(*train.Config) {},
		"the best": func(c *train.Config) { c.Classes, c.Validation = 3, train.Validation{Fraction: 0.4, Every: 1} },
		"the mean": func(c *train.Config) { c.Average = 0.9 },
	} {
		c, dir := tiny(), t.TempDir()
		c.Steps = 4
		change(&c)
		first := run(t, b, c, train.Options{Dir: dir})
		want := embed(t, first.Embedder).Embeddings
		sums := map[string]bool{}
		for _, from := range []string{dir, weightsFile(t, first.Embedder)} {
			for _, average := range []float64{0, 0.9} {
				c, own := standing(from), t.TempDir()
				c.Average = average
				got := embed(t, run(t, b, c, train.Options{Dir: own}).Embedder).Embeddings
				if !slices.EqualFunc(got, want, func(x, y float32) bool { return x == y || average > 0 && math.Abs(float64(x-y)) < 1e-5 }) {
					t.Errorf("%s, %s, average %g: the network is another", about, from, average)
				}
				m, err := train.ReadManifest(own)
				if err != nil || m.Config.From != from || len(m.Config.FromSum) != 64 {
					t.Errorf("%s: the manifest says %q, %q, %v", about, m.Config.From, m.Config.FromSum, err)
				}
				sums[m.Config.FromSum] = true
			}
		}
		if len(sums) != 2 {
			t.Errorf("%s: sums %v of a run and of a file", about, sums)
		}
	}
}

// A run from another goes on bit for bit where the other is gone, and is no run from a third.
func TestFromGoesOn(t *testing.T) {
	b, other, dir := backendtest.Go(t), filepath.Join(t.TempDir(), "other"), t.TempDir()
	c := tiny()
	c.Steps = 2
	run(t, b, c, train.Options{Dir: other})
	c.From, c.Steps, c.Seed, c.Augment, c.Average = other, 6, 3, data.DefaultAugment(), 0.9
	whole := run(t, b, c, train.Options{})
	ctx, options := interrupt(dir, 3)
	if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := os.RemoveAll(other); err != nil {
		t.Fatal(err)
	}
	sameRun(t, "resumed", run(t, b, c, train.Options{Dir: dir}), whole)
	for want, change := range map[string]func(*train.Config){
		"from is " + other + ", not unset": func(c *train.Config) { c.From = "" },
		"not elsewhere":                    func(c *train.Config) { c.From = "elsewhere" },
		"from_sha256 is ":                  func(c *train.Config) { c.FromSum = strings.Repeat("0", 64) },
	} {
		c := c
		change(&c)
		if _, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

func TestFromRefuses(t *testing.T) {
	b, other := backendtest.Go(t), t.TempDir()
	c := tiny()
	c.Steps = 1
	c.Warmup = 0
	file := weightsFile(t, run(t, b, c, train.Options{Dir: other}).Embedder)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no weights at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for _, test := range []struct {
		name, from string
		change     func(*train.Config)
		dir, want  string
	}{
		{"another size", other, func(c *train.Config) { c.Size = 32 }, "", other + " has another network (size is 16, not 32): train with its settings"},
		{"turned over", other, func(c *train.Config) { c.Invert = data.InvertOn }, "", "has another network (invert is false, not true)"},
		{"another size than the file's", file, func(c *train.Config) { c.Size = 32 }, "", `has another network (Size is "16", not "32")`},
		{"wider than the file's", file, func(c *train.Config) { c.Width = 8 }, "", `has another network (Width is "4", not "8")`},
		{"nothing there", empty + "/no", func(*train.Config) {}, "", "cannot be begun with: stat " + empty + "/no: no such file"},
		{"no run", empty, func(*train.Config) {}, "", empty + " holds no checkpoint"},
		{"no weights", text, func(*train.Config) {}, "", "is no safetensors file"},
		{"itself", empty, func(*train.Config) {}, empty, "it is the run's own directory, where it goes on by itself"},
		{"other weights", other, func(c *train.Config) { c.FromSum = "ab" }, "", "has other weights than those that are asked for"},
		{"a sum of nothing", "", func(c *train.Config) { c.FromSum = "ab" }, "", "give From (--from), or leave it out"},
		{"twice", other, func(c *train.Config) {
			c.Network, c.Weights = train.Network{Architecture: train.ArchitectureResNet18, Size: 32, Dim: 8}, text
		}, "", "(--from) or with those of a file (--weights)"},
	} {
		c := tiny()
		c.From = test.from
		test.change(&c)
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: test.dir})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", test.name, err, test.want)
		}
	}
}
