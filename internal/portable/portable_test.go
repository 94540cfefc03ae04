package portable_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/portable"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// needs skips a test where ONNX Runtime is not there.
func needs(t *testing.T) {
	t.Helper()
	if _, err := onnxruntime.Library(); errors.Is(err, onnxruntime.ErrNone) {
		t.Skip(err)
	}
}

// trained trains a small network for some steps.
func trained(t *testing.T, b compute.Backend, set data.Dataset, change func(*train.Config)) portable.Run {
	t.Helper()
	dir, c := filepath.Join(t.TempDir(), "run"), train.DefaultConfig()
	c.Steps, c.Size, c.Width, c.Dim, c.Classes, c.PerClass = 2, 16, 2, 8, 4, 2
	change(&c)
	if _, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	m, err := train.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := train.Load(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	return portable.Run{Dir: dir, Manifest: m, Embedder: e}
}

// features is a set of rows of numbers.
type features struct{ data.Dataset }

func (features) Format() data.Format { return data.Format{Features: 20} }

// Image implements [data.Dataset] by the first pixels of a picture.
func (f features) Image(i int) (data.Image, error) {
	m, err := f.Dataset.Image(i)
	middle := len(m.Pixels) / 2
	return data.Image{Width: 20, Height: 1, Pixels: slices.Clone(m.Pixels[middle : middle+20])}, err
}

// What is written gives the network's own embeddings, for pictures and for features, on both backends.
func TestWrite(t *testing.T) {
	needs(t)
	set, err := datasets.Find("glyphs")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := set.Divided(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := func(architecture train.Architecture) func(*train.Config) {
		return func(c *train.Config) { c.Architecture, c.Size, c.Width = architecture, 0, 0 }
	}
	for name, c := range map[string]struct {
		set    data.Dataset
		change func(*train.Config)
		layout string
	}{
		"small":  {parts.Train, func(*train.Config) {}, "NHWC"},
		"linear": {features{parts.Train}, rows(train.ArchitectureLinear), "NC"},
		"mlp": {features{parts.Train}, func(c *train.Config) {
			rows(train.ArchitectureMLP)(c)
			c.Width = 8
		}, "NC"},
	} {
		t.Run(name, func(t *testing.T) {
			backendtest.Each(t, func(t *testing.T, b compute.Backend) {
				run, path := trained(t, b, c.set, c.change), filepath.Join(t.TempDir(), "network.onnx")
				about, err := portable.Write(t.Context(), path, run, c.set)
				if err != nil {
					t.Fatal(err)
				}
				if about.Layout != c.layout || (about.Preparation == nil) != (c.layout == "NC") || about.Compared.Of != c.set.Name() {
					t.Errorf("%+v", about)
				}
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				text, err := os.ReadFile(portable.Beside(path))
				if err != nil || !strings.Contains(string(content), string(text)) {
					t.Errorf("the file's metadata are not those beside it: %v", err)
				}
				if _, err := portable.Write(t.Context(), path, run, nil); err == nil || !strings.Contains(err.Error(), "is there already") {
					t.Errorf("over another: %v", err)
				}
			})
		})
	}
}

// TestOmniglot: the file of a small network, asked the 20 official one-shot runs in ONNX Runtime, makes the same errors to the last trial.
func TestOmniglot(t *testing.T) {
	needs(t)
	if os.Getenv("UNIPAIR_DATA") == "" {
		t.Skip("$UNIPAIR_DATA is not set: there is no Omniglot")
	}
	small, err := data.OmniglotSmall1(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runs, err := data.OneShotRuns(t.Context(), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := backendtest.XLA(t)
	run := trained(t, b, small, func(c *train.Config) { c.Steps, c.Size, c.Width, c.Dim, c.Classes = 30, 28, 8, 32, 12 })
	path := filepath.Join(t.TempDir(), "omniglot.onnx")
	if _, err := portable.Write(t.Context(), path, run, small); err != nil {
		t.Fatal(err)
	}
	ours, err := run.Embedder.Episodes(runs)
	if err != nil {
		t.Fatal(err)
	}
	theirs := inRuntime(t, path, runs, ours)
	want, err := eval.ClassifyOneShot(ours)
	if err != nil {
		t.Fatal(err)
	}
	got, err := eval.ClassifyOneShot(theirs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Runs, want.Runs) {
		t.Errorf("the file's errors in each run are %v, the network's %v", got.Runs, want.Runs)
	}
	for i := range ours { // and each trial, whether right or wrong, has the same answer
		a, err := eval.Neighbours(ours[i].Queries, ours[i].Support, 1)
		if err != nil {
			t.Fatal(err)
		}
		b, err := eval.Neighbours(theirs[i].Queries, theirs[i].Support, 1)
		if err != nil {
			t.Fatal(err)
		}
		for q := range a {
			if a[q][0].Index != b[q][0].Index {
				t.Errorf("run %d, trial %d: the file answers %d, the network %d", i+1, q+1, b[q][0].Index, a[q][0].Index)
			}
		}
	}
	t.Logf("one-shot error %.4f, and of the file in ONNX Runtime %.4f", want.Error, got.Error)
}

// inRuntime returns the episodes as a file embeds them in ONNX Runtime.
func inRuntime(t *testing.T, path string, runs []data.OneShotRun, like []eval.Episode) []eval.Episode {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	session, err := onnxruntime.Load(content)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	embed := func(images []data.Image) []float32 {
		inputs := onnxruntime.Array{Dims: []int{len(images), 28, 28, 1}}
		for _, m := range images { // ink is light, as Omniglot's format says
			inputs.Values = append(inputs.Values, data.Preparation{Invert: true, Size: 28, Channels: 1}.Of(m).Pixels...)
		}
		out, err := session.Run(inputs)
		if err != nil {
			t.Fatal(err)
		}
		return out[0].Values
	}
	episodes := slices.Clone(like)
	for i, run := range runs {
		episodes[i].Support.Embeddings, episodes[i].Queries.Embeddings = embed(run.Training), embed(run.Test)
	}
	return episodes
}
