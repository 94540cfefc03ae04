package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/network"
)

// What the architecture of a network from elsewhere begins with: a file's path follows, or ORG/MODEL[@REVISION][:FILE] of the hub.
const (
	ONNXPrefix = "onnx:"
	HubPrefix  = "hf:"
)

// Head says what stands after a network from elsewhere.
type Head string

// The heads.
const (
	HeadLinear Head = ""    // as [ArchitectureLinear]; linear says it too
	HeadMLP    Head = "mlp" // as [ArchitectureMLP]
	HeadNone   Head = "none"
)

// Backbone says of a network from elsewhere, whose architecture names its file, what the file leaves open, and what follows it. It is empty
// for other architectures. Package onnx and `unipair train` open such files; a network that does not learn makes features, of which [Run]
// learns the head.
type Backbone struct {
	Head   Head   `json:"head,omitempty"`   // what learns behind it; empty is one dense layer
	Train  string `json:"train,omitempty"`  // what learns: empty or none is the head alone; last:K is the last K layers too; all
	Output string `json:"output,omitempty"` // name of the file's value that is taken
	Pool   string `json:"pool,omitempty"`   // first or mean: how tokens or places become one row
	Pixels Pixels `json:"pixels,omitzero"`  // how pixels are brought into the network's form
	Size   int    `json:"size,omitempty"`   // pixels per side that it takes
	// LearningRate is the backbone's own where it learns; 0 is a hundredth of that of the head.
	LearningRate float64 `json:"learning_rate,omitempty"`

	// What was found when it was opened.
	SHA256  string `json:"sha256,omitempty"`  // of the file: another one is refused
	Dim     int    `json:"dim,omitempty"`     // numbers that it makes of a picture
	Licence string `json:"licence,omitempty"` // as its publisher says; empty if it is not known
}

// Pixels says how numbers in [0, 1] are brought into a network's form: (pixel · Scale − Mean) / Std, for each colour by itself. Its zero
// value says nothing.
type Pixels struct {
	Scale float64    `json:"scale"`         // factor of a pixel in [0, 1]
	Mean  [3]float64 `json:"mean"`          // of red, green and blue; gray has the first
	Std   [3]float64 `json:"std"`           // of red, green and blue, above 0; gray has the first
	BGR   bool       `json:"bgr,omitempty"` // blue comes first
}

// Front makes features of pictures, as a network does that does not learn and stands before a head.
type Front interface {
	// Of returns the features of a set of pictures.
	Of(ctx context.Context, set data.Dataset) (data.Dataset, error)
	// Embed returns the features of pictures.
	Embed(pictures ...data.Image) ([]data.Image, error)
	// Seen returns what makes features of pictures that are seen in another way, once they have the network's size.
	Seen(view data.View) Front
}

// IsBackbone reports whether the architecture is a network from elsewhere.
func (n Network) IsBackbone() bool {
	a := string(n.Architecture)
	return strings.HasPrefix(a, ONNXPrefix) || strings.HasPrefix(a, HubPrefix)
}

// Layers returns how many of so many layers learn, the last ones.
func (b Backbone) Layers(there int) (int, error) {
	switch last, counted := strings.CutPrefix(b.Train, "last:"); {
	case b.Train == "" || b.Train == "none":
		return 0, nil
	case b.Train == "all":
		return there, nil
	case counted:
		k, err := strconv.Atoi(last)
		if err != nil || k < 1 {
			break
		}
		if k > there {
			return 0, fmt.Errorf("train: the backbone has %d layers, of which the last %d cannot learn: give all, or fewer", there, k)
		}
		return k, nil
	}
	return 0, fmt.Errorf("train: of the backbone learn none, last:K (layers) or all, got %q", b.Train)
}

// Frozen reports whether the head alone learns.
func (b Backbone) Frozen() bool { return b.Train == "" || b.Train == "none" }

// Rate returns the learning rate of the backbone, for one of the head.
func (b Backbone) Rate(head float64) float64 { return cmp.Or(b.LearningRate, head/100) }

// TakesPictures reports whether what is embedded are pictures: it is features for a head alone.
func (n Network) TakesPictures() bool { return n.IsBackbone() || !n.onFeatures() }

// trainsBackbone reports whether the network is one from elsewhere that learns.
func (n Network) trainsBackbone() bool { return n.IsBackbone() && !n.Backbone.Frozen() }

// headed returns what the architecture is made of: the head on features where that alone learns.
func (n Network) headed() network.Architecture {
	if n.trainsBackbone() {
		return network.Function(string(n.Architecture), false, nil)
	}
	return n.Backbone.Head.kind()
}

// kind returns the architecture of a head.
func (h Head) kind() network.Architecture {
	switch h {
	case HeadMLP:
		return network.MLP
	case HeadNone:
		return network.Raw(true)
	}
	return network.Linear
}

// validate returns an error that names the first thing that is wrong.
func (b Backbone) validate(n Network) error {
	if !n.IsBackbone() {
		if b != (Backbone{}) {
			return fmt.Errorf("train: head, output, pooling, preparation of pixels and what learns of a backbone are for networks from " +
				"elsewhere: give the architecture onnx:FILE or hf:ORG/MODEL")
		}
		return nil
	}
	if _, err := b.Layers(math.MaxInt); err != nil {
		return err
	}
	heads := []string{"linear", string(HeadMLP), string(HeadNone)}
	p := b.Pixels
	switch {
	case strings.HasSuffix(string(n.Architecture), ":"):
		return fmt.Errorf("train: the architecture %s names no network: write onnx:FILE or hf:ORG/MODEL", n.Architecture)
	case b.Head != HeadLinear && !slices.Contains(heads, string(b.Head)):
		return fmt.Errorf("train: unknown head %q: %s", string(b.Head), suggest.For(string(b.Head), heads))
	case b.Frozen() && b.LearningRate != 0:
		return fmt.Errorf("train: a learning rate of the backbone is for one that learns: give --train-backbone all or last:K")
	case !(b.LearningRate >= 0) || math.IsInf(b.LearningRate, 0):
		return fmt.Errorf("train: the learning rate of the backbone must be a number above 0, got %g", b.LearningRate)
	case b.Pool != "" && b.Pool != "first" && b.Pool != "mean":
		return fmt.Errorf("train: tokens are pooled by first or mean, got %q", b.Pool)
	case b.Size < 0 || b.Size > 1024:
		return fmt.Errorf("train: the backbone's pictures have 1 to 1024 pixels per side, got %d", b.Size)
	case p != (Pixels{}) && !(p.Scale > 0 && p.Std[0] > 0 && p.Std[1] > 0 && p.Std[2] > 0):
		return fmt.Errorf("train: pixels are prepared by a scale and deviations above 0, got %g and %g", p.Scale, p.Std)
	case b.Head == HeadMLP && (n.Width < 1 || n.Width > 1<<16):
		return fmt.Errorf("train: the width must be in [1, %d] hidden numbers, got %d", 1<<16, n.Width)
	}
	return nil
}

// words describes the network in a file of its weights: as before there were networks from elsewhere, for all others.
func (n Network) words() string {
	text := fmt.Sprintf("%+v", struct {
		Architecture             Architecture
		Invert                   data.Inversion
		Channels, Features, Size int
		Fit                      data.Fit
		Width, Dim               int
	}{n.Architecture, n.Invert, n.Channels, n.Features, n.Size, n.Fit, n.Width, n.Dim})
	if n.Resampling != "" || n.Backbone != (Backbone{}) {
		text += fmt.Sprintf(" resampled %q after %+v", n.Resampling, n.Backbone)
	}
	return text
}
