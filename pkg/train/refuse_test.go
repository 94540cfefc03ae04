package train_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

func TestRunRefuses(t *testing.T) {
	b := backendtest.Go(t)
	for _, test := range []struct {
		name   string
		change func(c *train.Config)
		want   string
	}{
		{"an unknown loss", func(c *train.Config) { c.Loss = "circel" }, `unknown loss "circel": did you mean circle?`},
		{
			"an unknown parameter", func(c *train.Config) { c.Set = map[string]string{"gama": "3"} },
			`unknown parameter "gama": did you mean gamma?`,
		},
		{
			"a parameter that is no number", func(c *train.Config) { c.Set = map[string]string{"gamma": "nan"} },
			"Gamma must be a number > 0, got NaN",
		},
		{"an unknown similarity", func(c *train.Config) { c.Similarity = "cosin" }, `unknown similarity "cosin": did you mean cosine?`},
		{"an unknown reduction", func(c *train.Config) { c.Reduction = "men" }, `unknown reduction "men": did you mean mean?`},
		{"unknown labels", func(c *train.Config) { c.Labels = "pairs" }, `labels must be pair-wise or class-level, got "pairs"`},
		{"more classes than there are", func(c *train.Config) { c.Classes = 9 }, "strokes has 8 classes, too few for batches of 9"},
		{"one class", func(c *train.Config) { c.Classes = 1 }, "at least 2 classes"},
		{"one image per class", func(c *train.Config) { c.PerClass = 1 }, "at least 2 images per class"},
		{"too many images", func(c *train.Config) { c.PerClass = 1 << 40 }, "at most 65536 images"},
		{"a negative shear", func(c *train.Config) { c.Augment.Shear = -1 }, "data: Augment.Shear must be a finite number, at least 0"},
		{"no steps", func(c *train.Config) { c.Steps = 0 }, "steps must be at least 1, got 0"},
		{"a negative warm-up", func(c *train.Config) { c.Warmup = -1 }, "the warm-up must be in [0, steps), got -1 of 24 steps"},
		{
			"a learning rate that is no number", func(c *train.Config) { c.LearningRate = math.NaN() },
			"the learning rate must be a number above 0, got NaN",
		},
		{
			"an infinite learning rate", func(c *train.Config) { c.LearningRate = math.Inf(1) },
			"the learning rate must be a number above 0, got +Inf",
		},
		{"a negative weight decay", func(c *train.Config) { c.WeightDecay = -1 }, "the weight decay must be a number above 0, got -1"},
		{
			"class weights that do not learn", func(c *train.Config) { c.ClassLearningRate = 0 },
			"learning rate of the class weights must be a number above 0",
		},
		{"images too small", func(c *train.Config) { c.Size = 15 }, "image size must be in [16, 64] pixels, got 15"},
		{"no width", func(c *train.Config) { c.Width = 0 }, "the width must be in [1, 512] channels, got 0"},
		{"one dimension", func(c *train.Config) { c.Dim = 1 }, "the embedding's dimension must be in [2, 4096], got 1"},
	} {
		c := tiny()
		test.change(&c)
		dir := filepath.Join(t.TempDir(), "run")
		if _, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: the directory was made before the refusal", test.want)
		}
	}
}

func TestImageOfNaNIsAnError(t *testing.T) {
	if _, err := train.Run(t.Context(), backendtest.Go(t), tiny(), blots{bars}, train.Options{}); err == nil || !strings.Contains(err.Error(), "of class bar 3: data: pixel") {
		t.Errorf("error %v, want one that names the class and the pixel", err)
	}
}

// blots is strokes whose class 3 has a pixel of NaN.
type blots struct{ strokes }

func (b blots) Image(i int) (data.Image, error) {
	image, err := b.strokes.Image(i)
	if b.Label(i) == 3 {
		image.Pixels[40] = float32(math.NaN())
	}
	return image, err
}

func TestDivergenceIsAnError(t *testing.T) {
	c := tiny()
	c.LearningRate, c.Warmup = 1e30, 0
	if _, err := train.Run(t.Context(), backendtest.Go(t), c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), "lower the learning rate") {
		t.Errorf("error %v, want one about the learning rate", err)
	}
}

func TestCheckpointOfAnotherRun(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 2, 0
	run(t, b, c, train.Options{Dir: dir})

	other := c
	other.Loss, other.Seed, other.Dim, other.Augment.Shear = "triplet", 1<<63+1, 9, 0.5
	_, err := train.Run(t.Context(), b, other, bars, train.Options{Dir: dir})
	for _, want := range []string{"holds another run", "loss is circle, not triplet", "seed is 0, not 9223372036854775809", "augment.shear is 0, not 0.5", "dim is 8, not 9"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("another configuration: error %v, want one with %q", err, want)
		}
	}
	larger := bars
	larger.classes = 9
	if _, err := train.Run(t.Context(), b, c, larger, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "data_classes is 8, not 9") {
		t.Errorf("other data: error %v", err)
	}

	manifest := filepath.Join(dir, "step-00000002", "manifest.json")
	text := withoutSums(t, manifest)
	for _, tamper := range []struct{ old, new, want string }{
		{`"dim": 8`, `"dim": 16`, "of another model: its variable /embedder/dense/weights is (Float32)[16, 8], want (Float32)[16, 16]: give the network that was trained"},
		{`"size": 16`, `"size": 32`, "of another model"},
		{`"format": 1`, `"format": 9`, "has format 9, this program reads 1"},
		{`"format": 1`, `"formax": 1`, "is damaged (manifest.json names no format): bring back"},
		{`"dim": 8`, `"dim": 0`, "dimension must be in [2, 4096], got 0"},
		{`{`, ``, "is damaged (manifest.json: must be names with values, got text): bring back a copy of it, or train again into another directory"},
	} {
		changed := strings.Replace(string(text), tamper.old, tamper.new, 1)
		if err := os.WriteFile(manifest, []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := train.Load(b, dir); err == nil || !strings.Contains(err.Error(), tamper.want) {
			t.Errorf("%s → %s: error %v, want one with %q", tamper.old, tamper.new, err, tamper.want)
		}
	}
}

// withoutSums makes a manifest one from before checksums were kept, and returns its text.
func withoutSums(t *testing.T, manifest string) []byte {
	t.Helper()
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	old := regexp.MustCompile(`(?s),\n  "sha256": \{.*?\}`).ReplaceAll(text, nil)
	if bytes.Equal(old, text) {
		t.Fatalf("there are no sums: %s", text)
	}
	if err := os.WriteFile(manifest, old, 0o666); err != nil {
		t.Fatal(err)
	}
	return old
}

// renamed is strokes whose last class has another name.
type renamed struct{ strokes }

func (r renamed) Classes() []string {
	names := r.strokes.Classes()
	names[len(names)-1] = "line"
	return names
}

// A run goes on with the data that it began with, as far as names and numbers tell; a checkpoint from before they were kept goes on.
func TestResumeOnOtherData(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 2, 0
	run(t, b, c, train.Options{Dir: dir})
	more, fewer, larger := bars, bars, bars
	more.perClass, fewer.classes, larger.classes = 7, 7, 9
	for _, other := range []struct {
		set  data.Dataset
		want string
	}{
		{more, "data_images is 48, not 56)"},
		{larger, `data_classes is 8, not 9; data_images is 48, not 54; not trained on before: "bar 8")`},
		{fewer, `data_images is 48, not 42; no longer trained on: "bar 7")`},
		{renamed{bars}, `(no longer trained on: "bar 7"; not trained on before: "line")`},
		{shuffled{bars}, "(its images are of other classes than before, or in another order)"},
	} {
		_, err := train.Run(t.Context(), b, c, other.set, train.Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), other.want) || !strings.Contains(err.Error(), "give the same settings and data") {
			t.Errorf("error %v, want one with %q", err, other.want)
		}
	}
	run(t, b, c, train.Options{Dir: dir})

	manifest := filepath.Join(dir, "step-00000002", "manifest.json")
	text := withoutSums(t, manifest)
	before := regexp.MustCompile(`(?s)  "(data_images|data_labels)": [^\n]*\n|  "trained_classes": \[.*?\],\n`).ReplaceAll(text, nil)
	if bytes.Contains(before, []byte("data_images")) || bytes.Contains(before, []byte("data_labels")) || bytes.Contains(before, []byte("bar")) {
		t.Fatalf("not as it was: %s", before)
	}
	if err := os.WriteFile(manifest, before, 0o666); err != nil {
		t.Fatal(err)
	}
	if again := run(t, b, c, train.Options{Dir: dir}); again.Resumed != 2 {
		t.Errorf("a checkpoint without counts: resumed after %d, want 2", again.Resumed)
	}
}

func TestDamagedCheckpoint(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 1, 0
	run(t, b, c, train.Options{Dir: dir})
	found, err := filepath.Glob(filepath.Join(dir, "step-*", "*.bin"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.Truncate(found[0], 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Load(b, dir); err == nil || !strings.Contains(err.Error(), "is damaged (") || !strings.HasSuffix(err.Error(), "): bring back a copy of it, or train again into another directory") {
		t.Errorf("a truncated checkpoint: error %v", err)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(found[0]), "manifest.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "manifest.json: no such file or directory): bring back a copy") {
		t.Errorf("without a manifest: error %v", err)
	}
	if _, err := train.Load(b, t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no checkpoint") {
		t.Errorf("an empty directory: error %v", err)
	}
}

func TestEmbed(t *testing.T) {
	b := backendtest.Go(t)
	e, err := train.NewEmbedder(b, tiny().Network, 3)
	if err != nil {
		t.Fatal(err)
	}
	var images []data.Image
	for i := range 130 { // more than one batch of the embedder
		image, err := bars.Image(i % bars.Len())
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, image)
	}
	all, err := e.Embed(images...)
	if err != nil {
		t.Fatal(err)
	}
	last, err := e.Embed(images[129])
	if err != nil || !slices.Equal(all[129*8:], last) {
		t.Errorf("the last of 130 embeds as %v, alone as %v (%v)", all[129*8:], last, err)
	}
	length := 0.0
	for _, x := range last {
		length += float64(x) * float64(x)
	}
	if math.Abs(length-1) > 1e-5 {
		t.Errorf("squared length %v, want 1", length)
	}
	if none, err := e.Embed(); err != nil || len(none) != 0 {
		t.Errorf("no image: %v, %v", none, err)
	}
	large := data.Image{Width: 32, Height: 32, Pixels: make([]float32, 32*32)}
	for i := range large.Pixels { // each pixel four times
		large.Pixels[i] = images[129].Pixels[i/64*16+i%32/2]
	}
	if resized, err := e.Embed(large); err != nil || !slices.Equal(resized, last) {
		t.Errorf("an image of twice the size embeds as %v, want %v (%v)", resized, last, err)
	}
	large.Width = 31
	if _, err := e.Embed(images[0], large); err == nil || !strings.Contains(err.Error(), "image 1 has 1024 pixels, want 31 × 32") {
		t.Errorf("an image with too many pixels: error %v", err)
	}
	nan := data.Image{Width: 16, Height: 16, Pixels: slices.Repeat([]float32{float32(math.NaN())}, 256)}
	if _, err := e.Embed(images[0], nan); err == nil || !strings.Contains(err.Error(), "image 1 has the pixel NaN, number 0") {
		t.Errorf("an image of NaN: error %v", err)
	}
}
