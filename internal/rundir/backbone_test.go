package rundir

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
			one, two := embedded(t, device, dir, false), embedded(t, device, other, false)
			if len(one) != 2*c.dim || !slices.Equal(one, two) {
				t.Errorf("embeddings %v, and of the same run %v", one, two)
			}
			if slices.Equal(one[:c.dim], one[c.dim:]) {
				t.Error("two pictures are one")
			}
		})
	}
}

// Each picture of a network that does not learn may be seen in further ways, which is said, kept in run.yaml, and the same again; they change
// what is learnt. Its views are those of any network.
func TestSeenVariants(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	device, file := backendtest.Go(t), onnxtest.Convolutional().File(t)
	with := func(variants int, seed uint64) recipe.Run {
		run := elsewhere(t, file, train.Backbone{})
		run.SeenVariants, run.Seed, run.Augment, run.Validation.Fraction = variants, seed, data.PhotoAugment(), 0.2
		return run
	}
	dir := func(name string) string { return filepath.Join(t.TempDir(), name) }
	first := dir("first")
	said, err := trainIn(t, device, with(2, 0), first)
	if err != nil || !strings.Contains(said, "as it is and changed in 2 further ways by the seed") || strings.Contains(said, "augmentation is off") {
		t.Fatalf("said %q, %v", said, err)
	}
	left, err := recipe.Read(filepath.Join(first, recipe.FileName))
	if err != nil || left.SeenVariants != 2 || left.Augment != data.PhotoAugment() {
		t.Fatalf("run.yaml says %d variants by %+v, %v", left.SeenVariants, left.Augment, err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // all features are made anew
	again := dir("again")
	if _, err := trainIn(t, device, left, again); err != nil {
		t.Fatalf("as run.yaml says: %v", err)
	}
	want := embedded(t, device, first, false)
	if !slices.Equal(embedded(t, device, again, false), want) {
		t.Error("the same run is another")
	}
	if slices.Equal(embedded(t, device, first, true), want) {
		t.Error("views change nothing")
	}
	for name, other := range map[string]recipe.Run{"without variants": with(0, 0), "one": with(1, 0)} {
		run := dir("other")
		if _, err := trainIn(t, device, other, run); err != nil || slices.Equal(embedded(t, device, run, false), want) {
			t.Errorf("%s: the same is learnt, %v", name, err)
		}
	}
	if said, err := trainIn(t, device, with(2, 0), first); err != nil || !strings.Contains(said, "resuming") {
		t.Errorf("again: said %q, %v", said, err)
	}
	if _, err := trainIn(t, device, with(3, 0), first); err == nil || !strings.Contains(err.Error(), "seen_variants") {
		t.Errorf("more variants, to go on: %v", err)
	}
	learning, plain, still := with(2, 0), with(2, 0), with(2, 0)
	learning.Backbone.Train = "all"
	plain.Network = train.DefaultConfig().Network
	still.Augment = data.Augment{}
	for _, c := range []struct {
		run  recipe.Run
		want string
	}{
		{learning, "are for a network from elsewhere that does not learn"},
		{plain, "are for a network from elsewhere that does not learn"},
		{still, "are made by an augmentation: give --augment"},
		{with(-1, 0), "must be 0 to 100, got -1"},
		{with(101, 0), "must be 0 to 100, got 101"},
	} {
		if err := c.run.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// embedded embeds two pictures by a run's network.
func embedded(t *testing.T, device compute.Backend, dir string, views bool) []float32 {
	t.Helper()
	networks, err := ensemble.Read([]string{dir}, views)
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
	other := onnxtest.Convolutional()
	other.Proto.ProducerName = "another"
	for _, c := range []struct {
		name    string
		content []byte // nil: the file is gone
		want    string
	}{
		{"another file", other.Bytes(t), "is another file than it was before"},
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

// heard stops a training when it says something.
type heard struct {
	bytes.Buffer
	want string
	stop func()
}

// Write implements io.Writer.
func (h *heard) Write(text []byte) (int, error) {
	if strings.Contains(string(text), h.want) {
		h.stop()
	}
	return h.Buffer.Write(text)
}

// What a step was measured to take is said before the first one, where depthwise convolutions learn for long.
func TestForetold(t *testing.T) {
	device := backendtest.Go(t)
	n := onnxtest.New("n", 3, 8, 8)
	x := n.Node("Conv", onnxtest.Attributes{"kernel_shape": []int64{3, 3}, "group": 3}, "image", n.Weight(3, 1, 3, 3))
	n.Output(n.Node("Flatten", nil, n.Node("GlobalAveragePool", nil, x)), "n", 3)
	for _, c := range []struct {
		name, file string
		steps      int
		learns     string
		foretold   bool
	}{
		{"depthwise, many steps", n.File(t), 1 << 30, "all", true},
		{"depthwise, few steps", n.File(t), 2, "all", false},
		{"depthwise, the head alone", n.File(t), 2, "", false},
		{"no depthwise convolution", onnxtest.Convolutional().File(t), 2, "all", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			run := elsewhere(t, c.file, train.Backbone{Train: c.learns})
			run.Steps = c.steps
			_, set := little(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			to := &heard{want: "was measured to take", stop: stop}
			job, err := Open(run, set, filepath.Join(t.TempDir(), "run"), train.Options{}, to)
			if err != nil {
				t.Fatal(err)
			}
			_, err = job.Train(ctx, device)
			said := to.String()
			if told := strings.Contains(said, "a step was measured to take about "); told != c.foretold || strings.Contains(said, "step 1 of") && told {
				t.Errorf("said %q, %v", said, err)
			}
		})
	}
}

// A run that goes on is told how long the steps take that are left, not those that are done.
func TestPaceOfRest(t *testing.T) {
	var to bytes.Buffer
	j := &Job{to: &to, there: train.Manifest{Step: 990}}
	j.run.Steps = 1000
	p := j.newPace()
	p.last = time.Now().Add(-time.Hour)
	if p.step(measured); !strings.Contains(to.String(), "so that 10 take 10h0m0s: ") {
		t.Errorf("said %q", &to)
	}
}
