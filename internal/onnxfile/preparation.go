package onnxfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Preparation says what is done to pixels in [0, 1] before a network: (pixel · Scale − Mean) / Std, for each channel by itself.
type Preparation struct {
	Scale float64    `json:"scale"`
	Mean  [3]float64 `json:"mean"` // of red, green and blue; gray has the first
	Std   [3]float64 `json:"std"`
	BGR   bool       `json:"bgr,omitempty"` // blue comes first
}

// Presets are the usual preparations, by the names that are given for them.
var Presets = map[string]Preparation{
	"imagenet":          {1, [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}, false},
	"clip":              {1, [3]float64{0.48145466, 0.4578275, 0.40821073}, [3]float64{0.26862954, 0.26130258, 0.27577711}, false},
	"0-1":               {1, [3]float64{}, [3]float64{1, 1, 1}, false},
	"-1-1":              {1, [3]float64{0.5, 0.5, 0.5}, [3]float64{0.5, 0.5, 0.5}, false},
	"0-255":             {255, [3]float64{}, [3]float64{1, 1, 1}, false},
	"efficientnet-lite": {255, [3]float64{127, 127, 127}, [3]float64{128, 128, 128}, false},
}

// MetadataKey is the property of an ONNX file that has a [Preparation], in JSON.
const MetadataKey = "unipair.preparation"

// Validate returns an error that names the first number out of its range.
func (p Preparation) Validate() error {
	for _, v := range append(append([]float64{p.Scale}, p.Mean[:]...), p.Std[:]...) {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return fmt.Errorf("pixels are prepared by numbers of at most a million, got %g", v)
		}
	}
	if p.Scale <= 0 || slices.Min(p.Std[:]) <= 0 {
		return fmt.Errorf("pixels are prepared by a scale and deviations above 0, got %g and %g", p.Scale, p.Std)
	}
	return nil
}

// preparationOf returns what the user says, else what the file does.
func preparationOf(metadata map[string]string, chosen *Preparation) (Preparation, error) {
	if chosen != nil {
		return *chosen, chosen.Validate()
	}
	if text, ok := metadata[MetadataKey]; ok {
		var p Preparation
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return p, fmt.Errorf("says its preparation (%s) in words that are not understood: %w", MetadataKey, err)
		}
		return p, p.Validate()
	}
	// Properties that the ONNX standard names for networks of images.
	ranges := map[string]string{"Normalized_0_1": "0-1", "Normalized_1_1": "-1-1", "NominalRange_0_255": "0-255"}
	preset, known := ranges[metadata["Image.NominalPixelRange"]]
	if !known {
		return Preparation{}, fmt.Errorf("does not say how pixels are prepared for it: name a preset (%s), or give scale, mean and deviation",
			strings.Join(slices.Sorted(maps.Keys(Presets)), ", "))
	}
	p := Presets[preset]
	p.BGR = metadata["Image.BitmapPixelFormat"] == "Bgr8"
	return p, nil
}
