package hub

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/onnxfile"
)

// PreparationName is the file of a repository that says how pictures are prepared.
const PreparationName = "preprocessor_config.json"

// mostPreparation bounds its bytes.
const mostPreparation = 1 << 20

// Prepared holds what [PreparationName] says.
type Prepared struct {
	onnxfile.Preparation
	Size int // width and height in pixels; 0 where it says none, or an oblong
}

// ReadPreparation reads [PreparationName].
func ReadPreparation(path string) (Prepared, error) {
	text, err := file.Read(path, mostPreparation)
	if err != nil {
		return Prepared{}, err
	}
	p, err := parsePreparation(text)
	if err != nil {
		return p, file.Named(path, err)
	}
	return p, nil
}

func parsePreparation(text []byte) (Prepared, error) {
	config := struct {
		Rescale   *bool           `json:"do_rescale"`
		Offset    bool            `json:"rescale_offset"` // EfficientNet's: 1 is taken away from what was rescaled
		Normalize *bool           `json:"do_normalize"`
		Twice     bool            `json:"include_top"`           // EfficientNet's: it is divided by the deviation once more
		Flip      *bool           `json:"do_flip_channel_order"` // MobileViT's, which normalises nothing
		Crop      *bool           `json:"do_center_crop"`
		Factor    *float64        `json:"rescale_factor"`
		Mean      []float64       `json:"image_mean"`
		Std       []float64       `json:"image_std"`
		Size      json.RawMessage `json:"size"`
		CropSize  json.RawMessage `json:"crop_size"`
	}{}
	if err := json.Unmarshal(text, &config); err != nil {
		return Prepared{}, fmt.Errorf("is no configuration of a preprocessor: %w", err)
	}
	not := func(said *bool) bool { return said != nil && !*said }
	p := Prepared{Preparation: onnxfile.Presets["0-1"]}
	if not(config.Rescale) {
		p.Scale = 255
	} else if config.Factor != nil {
		p.Scale = 255 * *config.Factor
	}
	switch {
	case not(config.Normalize) || config.Flip != nil && config.Normalize == nil && len(config.Mean) == 0:
	case len(config.Mean) == 0: // then it is what the preprocessor's program has by default
		return p, errors.New("does not say how pixels are normalised (image_mean, image_std)")
	case len(config.Mean) != len(config.Std) || len(config.Mean) != 3 && len(config.Mean) != 1:
		return p, fmt.Errorf("has %d means and %d deviations, and colours are 3", len(config.Mean), len(config.Std))
	default:
		for i := range p.Mean {
			p.Mean[i], p.Std[i] = config.Mean[i%len(config.Mean)], config.Std[i%len(config.Std)]
		}
	}
	if config.Offset && !not(config.Rescale) {
		for i := range p.Mean {
			p.Mean[i]++
		}
	}
	if config.Twice && !not(config.Normalize) {
		for i := range p.Std {
			p.Std[i] *= p.Std[i]
		}
	}
	p.BGR = config.Flip != nil && *config.Flip
	p.Size = square(config.Size)
	if side := square(config.CropSize); side > 0 && !not(config.Crop) {
		p.Size = side
	}
	return p, p.Validate()
}

// square returns the side of a size in any of its forms: 224, {"height": 224, "width": 224}, {"shortest_edge": 224}.
func square(size json.RawMessage) int {
	var side int
	if json.Unmarshal(size, &side) == nil {
		return side
	}
	var sides struct {
		Height   int `json:"height"`
		Width    int `json:"width"`
		Shortest int `json:"shortest_edge"`
	}
	if json.Unmarshal(size, &sides) != nil || sides.Height != sides.Width {
		return 0
	}
	return max(sides.Height, sides.Shortest)
}
