package data

import (
	"fmt"
	"math"
)

// Augment changes an image at random, in this order. A part of it is cropped; it is turned, sheared, scaled and shifted about its centre;
// it is mirrored. Its colours are changed, and a part of it is erased. Each amount is uniform in ± the field, but where the field says
// otherwise. Values between pixels are bilinear, outside the image is 0 (paper, or black). The zero value changes nothing.
type Augment struct {
	RotationDegrees float64 `json:"rotation_degrees"` // angle in degrees
	Shear           float64 `json:"shear"`            // how far x moves per unit of y
	LogScale        float64 `json:"log_scale"`        // natural logarithm of the size
	LogAspect       float64 `json:"log_aspect"`       // natural logarithm of width over height, at an equal area
	Translation     float64 `json:"translation"`      // shift along each axis, in half-widths of the image

	Crop          float64 `json:"crop,omitempty"`            // share of the area that is cut away: uniform from 0 to Crop, below 1
	CropLogAspect float64 `json:"crop_log_aspect,omitempty"` // natural logarithm of width over height of what is left
	Flip          bool    `json:"flip,omitempty"`            // mirrored left to right, every second time

	Brightness float64 `json:"brightness,omitempty"` // the factor of all values is 1 ± this, at most 1
	Contrast   float64 `json:"contrast,omitempty"`   // the factor of the distance from the mean luminance is 1 ± this, at most 1
	Saturation float64 `json:"saturation,omitempty"` // the factor of the distance from gray is 1 ± this, at most 1
	Hue        float64 `json:"hue,omitempty"`        // the turn of the circle of colours is ± this, at most 0.5, in turns

	Erase float64 `json:"erase,omitempty"` // how probable it is that a rectangle is erased: 2–33 % of the area, filled with noise
}

// DefaultAugment returns the setting of README's results: ±15°, shear ±0.2, scale e^±0.15, aspect e^±0.1, and a
// shift of ±0.1 half-widths, 1.4 of 28 pixels.
func DefaultAugment() Augment {
	return Augment{RotationDegrees: 15, Shear: 0.2, LogScale: 0.15, LogAspect: 0.1, Translation: 0.1}
}

// PhotoAugment returns how photographs are changed in "A Metric Learning Reality Check" (K. Musgrave, S. Belongie, S.-N. Lim, ECCV
// 2020): a crop of 16 to 100 % of the area with an aspect from 3:4 to 4:3, and mirroring.
func PhotoAugment() Augment { return Augment{Crop: 0.84, CropLogAspect: math.Log(4. / 3), Flip: true} }

// Validate returns an error that names the first field that is out of its range.
func (a Augment) Validate() error {
	for _, field := range []struct {
		name        string
		value, most float64
	}{
		{"RotationDegrees", a.RotationDegrees, math.MaxFloat64}, {"Shear", a.Shear, math.MaxFloat64}, {"LogScale", a.LogScale, math.MaxFloat64},
		{"LogAspect", a.LogAspect, math.MaxFloat64}, {"Translation", a.Translation, math.MaxFloat64},
		{"Crop", a.Crop, math.Nextafter(1, 0)}, {"CropLogAspect", a.CropLogAspect, math.MaxFloat64},
		{"Brightness", a.Brightness, 1}, {"Contrast", a.Contrast, 1}, {"Saturation", a.Saturation, 1}, {"Hue", a.Hue, 0.5}, {"Erase", a.Erase, 1},
	} {
		if !(field.value >= 0 && field.value <= field.most) {
			most := ""
			if field.most < math.MaxFloat64 {
				most = fmt.Sprintf(" and at most %.3g", field.most)
			}
			return fmt.Errorf("data: Augment.%s must be a finite number, at least 0%s, got %g", field.name, most, field.value)
		}
	}
	return nil
}

// scatter makes far numbers of near ones (the finaliser of SplitMix64), so that examples one apart share nothing.
func scatter(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
