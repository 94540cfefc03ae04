package train_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// tints is strokes in colours of one luminance: a class is a colour, and the strokes say nothing.
type tints struct{ strokes }

func (tints) Format() data.Format { return data.Format{Channels: 3} }

func (s tints) Image(i int) (data.Image, error) {
	r := rand.New(rand.NewPCG(uint64(i), 9))
	image := data.Image{Width: s.size, Height: s.size, Pixels: make([]float32, 3*s.size*s.size)}
	red, blue := float32(s.Label(i)%4)*0.2, float32(s.Label(i)/4)*0.4
	for j := range s.size * s.size {
		noise := 0.1 * r.Float32()
		image.Pixels[3*j], image.Pixels[3*j+2] = red+noise, blue+noise
		image.Pixels[3*j+1] = (0.5 - 0.299*red - 0.114*blue) / 0.587
	}
	return image, nil
}

// bags is features whose class is one of the numbers.
type bags struct{ strokes }

func (bags) Format() data.Format { return data.Format{Features: 12} }

func (s bags) Image(i int) (data.Image, error) {
	r := rand.New(rand.NewPCG(uint64(i), 11))
	image := data.Image{Width: 12, Height: 1, Pixels: make([]float32, 12)}
	for j := range image.Pixels {
		image.Pixels[j] = float32(r.NormFloat64())
	}
	image.Pixels[s.Label(i)] += 4
	return image, nil
}

func mapAtR(t *testing.T, e *train.Embedder, set data.Dataset) float64 {
	t.Helper()
	embedded, err := e.EmbedSet(set)
	if err != nil {
		t.Fatal(err)
	}
	result, err := eval.Retrieve(embedded, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.MAPAtR
}

func TestColour(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		c, dir := tiny(), t.TempDir()
		set := tints{bars}
		result, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if score := mapAtR(t, result.Embedder, set); score < 0.9 {
			t.Errorf("in colour MAP@R is %v", score)
		}
		loaded, err := train.Load(b, dir)
		if err != nil || loaded.Network.Channels != 3 {
			t.Fatalf("loaded: %+v, %v", loaded, err)
		}
		if got, want := mapAtR(t, loaded, set), mapAtR(t, result.Embedder, set); got != want {
			t.Errorf("loaded MAP@R %v, want %v", got, want)
		}
		c.Channels = 1
		gray, err := train.Run(t.Context(), b, c, set, train.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if score := mapAtR(t, gray.Embedder, set); score > 0.6 {
			t.Errorf("in gray, where the classes look alike, MAP@R is %v", score)
		}
	})
}

func TestHeadsOnFeatures(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		set := bags{bars}
		for _, architecture := range []train.Architecture{train.ArchitectureLinear, train.ArchitectureMLP} {
			c, dir := tiny(), t.TempDir()
			c.Network, c.Steps = train.Network{Architecture: architecture, Width: 16, Dim: 8}, 60
			result, err := train.Run(t.Context(), b, c, set, train.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if score := mapAtR(t, result.Embedder, set); score < 0.8 {
				t.Errorf("%s: MAP@R %v", architecture, score)
			}
			loaded, err := train.Load(b, dir)
			if err != nil || mapAtR(t, loaded, set) != mapAtR(t, result.Embedder, set) {
				t.Errorf("%s: loaded it embeds differently: %v", architecture, err)
			}
			if _, err := loaded.Embed(data.Image{Width: 11, Height: 1, Pixels: make([]float32, 11)}); err == nil || !strings.Contains(err.Error(), "image 0 has 11 features, the network wants 12") {
				t.Errorf("%s: too few features: error %v", architecture, err)
			}
		}
	})
}

func TestNetworkRefuses(t *testing.T) {
	b := backendtest.Go(t)
	for _, c := range []struct {
		network train.Network
		set     data.Dataset
		want    string
	}{
		{train.Network{Size: 16, Width: 4, Dim: 8}, bags{bars}, "has features, not images: give the architecture linear or mlp"},
		{train.Network{Architecture: train.ArchitectureLinear, Dim: 8}, bars, "linear is for features, and the data set has images"},

		{train.Network{Architecture: train.ArchitectureLinear, Dim: 8, Channels: 1}, bags{bars}, "no channels, got 1"},
		{train.Network{Architecture: train.ArchitectureLinear, Dim: 8, Features: 11}, bags{bars}, "the network is for 11 features, the data set has 12"},
		{train.Network{Architecture: train.ArchitectureMLP, Dim: 8}, bags{bars}, "hidden numbers, got 0"},
		{train.Network{Architecture: "lstm", Dim: 8}, bars, `unknown architecture "lstm"`},
		{train.Network{Size: 16, Width: 4, Dim: 8, Channels: 2}, bars, "1 channel (gray) or 3 (colour), got 2"},
		{train.Network{Size: 16, Width: 4, Dim: 8, Features: 9}, bars, "for linear or mlp, and else 0; got 9"},
	} {
		config := tiny()
		config.Network = c.network
		if _, err := train.Run(t.Context(), b, config, c.set, train.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	sized := train.Network{Architecture: train.ArchitectureLinear, Dim: 8, Size: 28}
	if err := sized.Validate(); err == nil || !strings.Contains(err.Error(), "no size in pixels, got 28") {
		t.Errorf("features of a size: error %v", err)
	}
	if _, err := train.NewEmbedder(b, train.Network{Architecture: train.ArchitectureLinear, Dim: 8}, 1); err == nil || !strings.Contains(err.Error(), "needs the number of features") {
		t.Errorf("without a number of features: error %v", err)
	}
}

// A set of several batches is embedded as its images are one by one, in order, and a bad image is named.
func TestEmbedSet(t *testing.T) {
	b := backendtest.Go(t)
	e, err := train.NewEmbedder(b, tiny().Network, 3)
	if err != nil {
		t.Fatal(err)
	}
	many := strokes{classes: 8, perClass: 40, size: 16}
	set, err := e.EmbedSet(many)
	if err != nil || set.Len() != 320 {
		t.Fatal(set.Len(), err)
	}
	var images []data.Image
	for i := range many.Len() {
		image, err := many.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		images = append(images, image)
	}
	if one, err := e.Embed(images...); err != nil || !slices.Equal(one, set.Embeddings) {
		t.Errorf("the set embeds as other than its images: %v", err)
	}
	if _, err := e.EmbedSet(blots{many}); err == nil || !strings.Contains(err.Error(), "strokes: image 3 has the pixel NaN, number 40") {
		t.Errorf("a bad image: error %v", err)
	}
}

// Products in bfloat16 are near those in float32, but not the same, and learn as well.
func TestHalfPrecision(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		for _, c := range []struct {
			network train.Network
			set     data.Dataset
		}{
			{tiny().Network, bars},
			{train.Network{Architecture: train.ArchitectureMLP, Width: 16, Dim: 8}, bags{bars}},
		} {
			config := tiny()
			config.Network = c.network
			whole, err := train.Run(t.Context(), b, config, c.set, train.Options{})
			if err != nil {
				t.Fatal(err)
			}
			config.Precision = train.PrecisionBFloat16
			half, err := train.Run(t.Context(), b, config, c.set, train.Options{})
			if err != nil {
				t.Fatal(err)
			}
			first, want := half.History[0].Loss, whole.History[0].Loss
			if d := first - want; first == want || d > 0.03*want || d < -0.03*want {
				t.Errorf("%q: the first loss is %v in bfloat16, %v in float32", c.network.Architecture, first, want)
			}
			if last := half.History[23].Loss; !(last < 0.7*first) {
				t.Errorf("%q: loss %v at first, %v at last", c.network.Architecture, first, last)
			}
			if got, want := mapAtR(t, half.Embedder, c.set), mapAtR(t, whole.Embedder, c.set); got < want-0.15 {
				t.Errorf("%q: MAP@R %v in bfloat16, %v in float32", c.network.Architecture, got, want)
			}
		}
	})
	for _, test := range []struct {
		name   string
		change func(*train.Config)
		want   string
	}{
		{"another precision", func(c *train.Config) { c.Precision = "float16" }, `empty (float32) or bfloat16, got "float16"`},
		{
			"that of a function", func(c *train.Config) { c.Precision, c.Architecture = train.PrecisionBFloat16, "function:x" },
			"the precision of a function is its own",
		},
	} {
		c := tiny()
		test.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}
