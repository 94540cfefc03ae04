package rundir

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/internal/recipe"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// elsewhere is a little training with a network from elsewhere.
func elsewhere(t *testing.T, file string, b train.Backbone) recipe.Run {
	t.Helper()
	run, _ := little(t)
	run.Size, run.Augment = 28, data.Augment{}
	run.Architecture = train.Architecture(train.ONNXPrefix + file)
	b.Pixels = train.Pixels(onnxfile.Presets["clip"])
	run.Backbone = b
	return run
}

// trainIn trains in a directory, and returns what was said.
func trainIn(t *testing.T, device compute.Backend, run recipe.Run, dir string) (said string, err error) {
	t.Helper()
	_, set := little(t)
	var to bytes.Buffer
	job, err := Open(run, set, dir, train.Options{}, &to)
	if err == nil {
		_, err = job.Train(t.Context(), device)
	}
	return to.String(), err
}

// A network from elsewhere is trained, or a head on it. Its checkpoint takes pictures, goes on, and is what run.yaml says.
func TestElsewhere(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	const vit = "../onnxfile/testdata/vit.onnx"
	conv := onnxtest.Convolutional().File(t)
	device := backendtest.Go(t)
	for _, c := range []struct {
		name, file string
		backbone   train.Backbone
		dim        int
		says       string
	}{
		{"a linear head", conv, train.Backbone{}, 8, "does not learn"},
		{"a hidden layer", conv, train.Backbone{Head: train.HeadMLP}, 8, "augmentation is off"},
		{"a transformer's tokens", vit, train.Backbone{Pool: "mean"}, 8, "pooled by mean"},
		{"a transformer that learns", vit, train.Backbone{Pool: "first", Train: "all"}, 8, "layers learn"},
		{"the last layer and a hidden one", conv, train.Backbone{Head: train.HeadMLP, Train: "last:1", LearningRate: 1e-3}, 8, "1 of the network's 2"},
		{"no head", conv, train.Backbone{Head: train.HeadNone, Train: "all"}, 6, "rate of 3e-05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			said, err := trainIn(t, device, elsewhere(t, c.file, c.backbone), dir)
			if err != nil || !strings.Contains(said, c.says) || !strings.Contains(said, "gray pictures are repeated") {
				t.Fatalf("said %q, %v; want %q", said, err, c.says)
			}
			left, err := recipe.Read(filepath.Join(dir, recipe.FileName))
			if err != nil || len(left.Backbone.SHA256) != 64 || left.Resampling != data.ResamplingBilinear {
				t.Fatalf("run.yaml says %+v, %v", left.Network, err)
			}
			other := filepath.Join(t.TempDir(), "other")
			if _, err := trainIn(t, device, left, other); err != nil {
				t.Fatalf("as run.yaml says: %v", err)
			}
			if said, err := trainIn(t, device, elsewhere(t, c.file, c.backbone), dir); err != nil || !strings.Contains(said, "resuming") {
				t.Errorf("again: said %q, %v", said, err)
			}
			one, two := embedded(t, device, dir), embedded(t, device, other)
			if len(one) != 2*c.dim || !slices.Equal(one, two) {
				t.Errorf("embeddings %v, and of the same run %v", one, two)
			}
			if slices.Equal(one[:c.dim], one[c.dim:]) {
				t.Error("two pictures are one")
			}
		})
	}
}

// embedded embeds two pictures by a run's network.
func embedded(t *testing.T, device compute.Backend, dir string) []float32 {
	t.Helper()
	networks, err := ensemble.Read([]string{dir}, false)
	if err != nil {
		t.Fatal(err)
	}
	members, err := networks.Load(device)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := members.Embed(
		data.Image{Width: 1, Height: 2, Pixels: []float32{0, 1}}, data.Image{Width: 2, Height: 1, Pixels: []float32{1, 0, 0, 1, 0, 0}})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A network from elsewhere that is another, is gone, or is not one is refused by name.
func TestElsewhereRefuses(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	device := backendtest.Go(t)
	file := onnxtest.Convolutional().File(t)
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := trainIn(t, device, elsewhere(t, file, train.Backbone{}), dir); err != nil {
		t.Fatal(err)
	}
	networks, err := ensemble.Read([]string{dir}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (ensemble.Checkpoints{Dirs: networks.Dirs, Manifests: networks.Manifests, Views: true}).Load(device); err == nil ||
		!strings.Contains(err.Error(), "--tta") {
		t.Errorf("views: %v", err)
	}
	other := onnxtest.Convolutional()
	other.Proto.ProducerName = "another"
	for _, c := range []struct {
		name    string
		content []byte // nil: the file is gone
		want    string
	}{
		{"another file", other.Bytes(t), "is not the file that was trained with"},
		{"no ONNX", []byte("GIF89a"), "is no ONNX file"},
		{"gone", nil, "bring that file back there"},
	} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if c.content != nil {
			if err := os.WriteFile(file, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := networks.Load(device); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if c.content == nil {
			continue
		}
		if _, err := trainIn(t, device, elsewhere(t, file, train.Backbone{}), dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, to go on: %v, want %q", c.name, err, c.want)
		}
	}
}
