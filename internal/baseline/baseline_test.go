package baseline

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// set is rows or pictures of a format, 6 wide, of two classes.
type set struct {
	format data.Format
	height int
}

func (s set) Name() string        { return "these" }
func (s set) Len() int            { return 4 }
func (s set) Classes() []string   { return []string{"a", "b"} }
func (s set) Label(i int) int     { return i / 2 }
func (s set) Format() data.Format { return s.format }

func (s set) Image(i int) (data.Image, error) {
	m := data.Image{Width: 6, Height: s.height, Pixels: make([]float32, 6*s.height*s.format.Channels)}
	for k := range m.Pixels {
		m.Pixels[k] = float32((k*7+i*3)%11) / 11
	}
	return m, nil
}

// The sets of the tests.
var (
	rows   = set{data.Format{Channels: 1, Features: 6}, 1}
	gray   = set{data.Format{Channels: 1}, 5}
	ink    = set{data.Format{Channels: 1, DarkOnLight: true}, 5}
	colour = set{data.Format{Channels: 3}, 5}
)

// elsewhere is a network from elsewhere that makes 6 numbers.
func elsewhere(t *testing.T) train.Network {
	t.Helper()
	n := train.Network{Architecture: train.Architecture(train.ONNXPrefix + onnxtest.Convolutional().File(t))}
	n.Backbone.Pixels = train.Pixels(onnxfile.Presets["imagenet"])
	return n
}

// What has not learnt is ready once the data are known, and says what it is. Sets and one-shot runs are embedded alike, and pictures are
// turned over where the data say so.
func TestNetwork(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pixels := train.Network{Architecture: train.ArchitecturePixels, Size: 4}
	off := pixels
	off.Invert, off.Channels = data.InvertOff, 3
	for name, c := range map[string]struct {
		network train.Network
		views   bool
		of      set
		dim     int
		words   string
	}{
		"pixels, gray":        {pixels, false, gray, 16, "pixels as they are, 16 numbers each; 4 × 4 in gray"},
		"pixels, turned over": {pixels, false, ink, 16, "4 × 4 in gray; turned over, light for dark"},
		"pixels, not turned":  {off, false, ink, 48, "4 × 4 in colour"},
		"pixels in views":     {pixels, true, colour, 48, "4 × 4 in colour; each image seen in 9 ways"},
		"features":            {train.Network{Architecture: train.ArchitectureFeatures}, false, rows, 6, "features as they are, 6 numbers each"},
		"elsewhere":           {elsewhere(t), false, ink, 6, "of 6 numbers; turned over, light for dark"},
		"elsewhere in views":  {elsewhere(t), true, colour, 6, "of 6 numbers; each image seen in 9 ways"},
	} {
		if err := Wrong(c.network, c.views); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var said bytes.Buffer
		b, err := Open(t.Context(), backendtest.Go(t), c.network, c.views, &said)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made, err := b.EmbedSet(c.of)
		if err != nil || made.Dim != c.dim || made.Validate() != nil || !slices.Equal(made.Labels, []int32{0, 0, 1, 1}) {
			t.Errorf("%s: %+v, %v", name, made, err)
			continue
		}
		if got := b.String(); !strings.HasSuffix(got, c.words) {
			t.Errorf("%s: %q, want %q", name, got, c.words)
		}
		if c.network.IsBackbone() && (len(b.Network().Backbone.SHA256) != 64 || !strings.Contains(said.String(), "network: ")) {
			t.Errorf("%s: %+v, said %q", name, b.Network(), &said)
		}
		if repeated := strings.Contains(said.String(), "gray pictures are repeated"); repeated != (c.network.IsBackbone() && c.of == ink) {
			t.Errorf("%s: said %q", name, &said)
		}
		other, err := Open(t.Context(), backendtest.Go(t), c.network, c.views, &said)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		run := data.OneShotRun{Answer: []int{1, 0}, Format: c.of.format}
		for i := range 4 {
			m, _ := c.of.Image(i)
			if i < 2 {
				run.Training = append(run.Training, m)
			} else {
				run.Test = append(run.Test, m)
			}
		}
		episodes, err := other.Episodes([]data.OneShotRun{run})
		if err != nil || !slices.Equal(slices.Concat(episodes[0].Support.Embeddings, episodes[0].Queries.Embeddings), made.Embeddings) {
			t.Errorf("%s: the run is %+v, %v, want %v", name, episodes, err, made.Embeddings)
		}
	}
}

// Words that do not fit are refused before any work, and data that do not fit before they are embedded.
func TestRefuses(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	wide := train.Network{Architecture: train.ArchitecturePixels, Size: 1024}
	for name, c := range map[string]struct {
		network train.Network
		views   bool
		of      data.Dataset // nil: it is refused before
		want    string
	}{
		"a word like another":       {train.Network{Architecture: "pixel"}, false, nil, `unknown "pixel": did you mean pixels?`},
		"an unknown word":           {train.Network{Architecture: "vgg"}, false, nil, `unknown "vgg": `},
		"one that would be trained": {train.Network{Architecture: "resnet18"}, false, nil, "resnet18 is nothing before it has learnt"},
		"features in views":         {train.Network{Architecture: "features"}, true, nil, "leave --tta out"},
		"features of a size":        {train.Network{Architecture: "features", Size: 8}, false, nil, "which have no size in pixels, got 8"},
		"pixels of no size":         {train.Network{Architecture: "pixels"}, false, nil, "in [1, 1024] pixels, got 0"},
		"a wrong fit":               {train.Network{Architecture: "pixels", Size: 8, Fit: "squeeze"}, false, nil, `"squeeze"`},
		"pixels with an output":     {train.Network{Architecture: "pixels", Size: 8, Backbone: train.Backbone{Output: "x"}}, false, nil, "are for networks from elsewhere"},
		"no file":                   {train.Network{Architecture: train.Architecture("onnx:" + t.TempDir() + "/none.onnx")}, false, nil, "no such file"},
		"a pooling":                 {train.Network{Architecture: "onnx:a.onnx", Backbone: train.Backbone{Pool: "max"}}, false, nil, `first or mean, got "max"`},
		"pixels of rows":            {train.Network{Architecture: "pixels", Size: 8}, false, rows, "these has features, and --architecture pixels takes pictures: give --architecture features"},
		"features of pictures":      {train.Network{Architecture: "features"}, false, gray, "these has pictures, and no features: give --architecture pixels"},
		"elsewhere, of rows":        {elsewhere(t), false, rows, "takes pictures: give --architecture features"},
		"too much memory":           {wide, false, crowd{colour}, "take more than 16 GB: give a smaller --size"},
	} {
		err := Wrong(c.network, c.views)
		if c.of != nil {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			b, wrong := Open(t.Context(), backendtest.Go(t), c.network, c.views, new(bytes.Buffer))
			if err = wrong; err == nil {
				_, err = b.EmbedSet(c.of)
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !usage.Is(err) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	b, err := Open(t.Context(), backendtest.Go(t), train.Network{Architecture: "pixels", Size: 8}, false, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.EmbedSet(gray); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EmbedSet(rows); err == nil || !strings.Contains(err.Error(), "these has features") {
		t.Errorf("rows after pictures: %v", err)
	}
}

// crowd is a set of very many images.
type crowd struct{ set }

func (crowd) Len() int { return 10_000_000 }
