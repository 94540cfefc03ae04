package portable

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/onnxexport"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// version is that of [About].
const version = 1

// About says what a file's network is, and what it takes in, in the names of the JSON beside the file.
type About struct {
	Format       int    `json:"format"`
	Name         string `json:"name"` // of the run
	Data         string `json:"data"` // that it learnt from
	Loss         string `json:"loss"`
	Step         int    `json:"step"` // whose weights these are
	Seed         uint64 `json:"seed"`
	Architecture string `json:"architecture"`
	// Backbone is the network from elsewhere before the head, where there is one.
	Backbone *Backbone `json:"backbone,omitempty"`

	Input       string       `json:"input"`       // the name of the input
	InputShape  []any        `json:"input_shape"` // "n" is how many there are, any number
	Layout      string       `json:"layout"`      // of the input: NHWC, or NC for features
	Output      string       `json:"output"`
	OutputShape []any        `json:"output_shape"`
	Preparation *Preparation `json:"preparation,omitempty"` // nil: rows of features, as they are
	Compared    Compared     `json:"compared"`
}

// Backbone names a network from elsewhere, of which the file has the weights too, and so its licence.
type Backbone struct {
	Name    string `json:"name"`    // of the hub, or of the file
	SHA256  string `json:"sha256"`  // of the file that was trained with
	Licence string `json:"licence"` // or that it is not known
}

// Preparation says what is done to a picture before the network, in the order of Words.
type Preparation struct {
	Size     int     `json:"size"` // width and height, in pixels
	Channels int     `json:"channels"`
	Scale    float64 `json:"scale"` // by which a byte is multiplied
	onnxfile.Before
	Transparent string    `json:"transparent"` // the colour behind a picture
	Mean        []float64 `json:"mean"`        // of each channel, subtracted
	Std         []float64 `json:"std"`         // of each channel, divided by
	Words       []string  `json:"words"`
}

// Compared says on what the file was found to give the network's embeddings.
type Compared struct {
	With   string  `json:"with"`
	Inputs int     `json:"inputs"`
	Of     string  `json:"of"`
	Within float64 `json:"within"` // no number is further from what it should be
}

// aboutOf describes the network of a run.
func aboutOf(run Run, dims []int, of Compared) About {
	m, n := run.Manifest, run.Embedder.Network
	a := About{
		Format: version, Name: filepath.Base(run.Dir), Data: m.Data, Loss: m.Config.Loss, Seed: m.Config.Seed,
		Step:         cmp.Or(m.Best.Step, m.Step),
		Architecture: cmp.Or(string(n.Architecture), "small"),
		Input:        onnxexport.InputName, InputShape: []any{"n"}, Layout: "NHWC",
		Output: onnxexport.OutputName, OutputShape: []any{"n", n.Dim},
		Compared: of,
	}
	if n.IsBackbone() {
		name := string(n.Architecture)
		if path, ok := strings.CutPrefix(name, train.ONNXPrefix); ok {
			name = train.ONNXPrefix + filepath.Base(path)
		}
		b := n.Backbone
		a.Backbone = &Backbone{name, b.SHA256, cmp.Or(b.Licence, "not known: ask who gave the file")}
		a.Architecture = name + ", head " + cmp.Or(string(b.Head), "linear")
	}
	for _, d := range dims {
		a.InputShape = append(a.InputShape, d)
	}
	if p, ok := preparationOf(n, dims); ok {
		a.Preparation = inWords(p, n.Dim)
	} else {
		a.Layout = "NC"
	}
	return a
}

// inWords says a preparation. What a network does to numbers in [0, 1] is in its graph.
func inWords(p data.Preparation, dim int) *Preparation {
	w := &Preparation{
		Size: p.Size, Channels: p.Channels, Scale: 1. / 255, Transparent: "white",
		Before: onnxfile.Before{Invert: p.Invert, Fit: cmp.Or(string(p.Fit), "squeeze"), Resampling: cmp.Or(string(p.Resampling), "area")},
	}
	for range p.Channels {
		w.Mean, w.Std = append(w.Mean, 0), append(w.Std, 1)
	}
	say := func(when bool, words string) {
		if when {
			w.Words = append(w.Words, words)
		}
	}
	say(true, "Turn the picture upright, as its EXIF data says; lay what is transparent on white; of an animation take the first picture.")
	say(true, "Multiply its bytes by scale: black is 0, white is 1.")
	say(p.Invert, "Turn it over, light for dark: 1 - x.")
	say(p.Fit == data.FitCrop, "Take the square in its middle.")
	say(p.Fit == data.FitPad, "Put it in the middle of a square, with 0 on both sides.")
	size := fmt.Sprintf("Resize it to %d x %d, each side by itself: each new pixel is ", p.Size, p.Size)
	say(p.Resampling == data.ResamplingArea, size+"the exact mean of the area that it covers.")
	say(p.Resampling == data.ResamplingBilinear, size+"a mean by a triangle, as Pillow's BILINEAR.")
	say(p.Channels == 1, "Make it gray: 0.299 red + 0.587 green + 0.114 blue.")
	say(p.Channels == 3, "Red, green, blue, in this order; gray is repeated.")
	say(true, "Subtract mean and divide by std (here: nothing to do; the network has its own).")
	say(true, fmt.Sprintf("Put pictures one behind the other: float32 [n, %d, %d, %d], rows from the top, is the input %s.",
		p.Size, p.Size, p.Channels, onnxexport.InputName))
	say(true, fmt.Sprintf("%s, float32 [n, %d], comes out; each row has length 1, so that a product of two is their cosine.",
		onnxexport.OutputName, dim))
	return w
}

// metadata returns what is said as properties of an ONNX file: each by itself, and all of it.
func (a About) metadata() (map[string]string, []byte, error) {
	text, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, nil, err
	}
	text = append(text, '\n')
	properties := map[string]string{
		"name": a.Name, "data": a.Data, "loss": a.Loss, "step": strconv.Itoa(a.Step), "seed": strconv.FormatUint(a.Seed, 10),
		"architecture": a.Architecture, "unipair": string(text),
	}
	if a.Backbone != nil {
		properties["backbone"], properties["licence"] = a.Backbone.Name, a.Backbone.Licence
	}
	if a.Preparation == nil {
		return properties, text, nil
	}
	// By these the file is read again as a network of images: by this program, and by what knows the standard's property.
	ready, err := json.Marshal(struct {
		onnxfile.Preparation
		onnxfile.Before
	}{onnxfile.Presets["0-1"], a.Preparation.Before})
	properties[onnxfile.MetadataKey], properties["Image.NominalPixelRange"] = string(ready), "Normalized_0_1"
	return properties, text, err
}
