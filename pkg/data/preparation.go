package data

import (
	"encoding/json"
	"fmt"
)

// Preparation says what is done to a picture before a network sees it, wherever it comes from. It belongs to the network.
type Preparation struct {
	Invert     bool       // before all else it is turned over, light for dark, see [Image.Inverted]
	Fit        Fit        // how it is then made square
	Resampling Resampling // how it is then resized
	Size       int        // width and height, in pixels, that it is resized to, at least 1
	Channels   int        // 1 for gray or 3 for colour, which it is converted to
}

// Of returns the picture prepared, Size×Size with Channels numbers per pixel. It is fresh, and m stays as it is. Of panics where [Resize]
// does: for a picture without pixels, with a number that is not finite, or for a Size below 1.
func (p Preparation) Of(m Image) Image {
	if p.Invert {
		m = m.Inverted()
	}
	return p.Resampling.Resize(p.Fit.Square(m), p.Size).As(p.Channels)
}

// Inversion says whether pictures are turned over before a network sees them. Dark ink on light paper is: then ink is 1 and what is around
// it 0, as it is where augmentation reaches beyond a picture. In JSON it is true or false, and left out if it is not said.
type Inversion string

// What can be said of it.
const (
	InvertAsSet Inversion = "" // as the data set says, see [Format].DarkOnLight
	InvertOn    Inversion = "on"
	InvertOff   Inversion = "off"
)

// ParseInversion returns what "on" or "off" says. Any other text is an error, the empty one too.
func ParseInversion(text string) (Inversion, error) {
	if v := Inversion(text); v == InvertOn || v == InvertOff {
		return v, nil
	}
	return InvertAsSet, fmt.Errorf("want on or off, got %q", text)
}

// Validate returns an error for what is none of [InvertAsSet], [InvertOn] and [InvertOff].
func (v Inversion) Validate() error {
	if v != InvertAsSet && v != InvertOn && v != InvertOff {
		return fmt.Errorf("data: pictures are turned over (on) or not (off), got %q", string(v))
	}
	return nil
}

// For returns v where it says something, or else what a data set of a format says; for one of features, [InvertAsSet].
func (v Inversion) For(f Format) Inversion {
	switch {
	case v != InvertAsSet || f.Features > 0:
		return v
	case f.DarkOnLight:
		return InvertOn
	}
	return InvertOff
}

// MarshalJSON implements [json.Marshaler].
func (v Inversion) MarshalJSON() ([]byte, error) {
	if v == InvertAsSet {
		return []byte("null"), nil
	}
	return json.Marshal(v == InvertOn)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (v *Inversion) UnmarshalJSON(text []byte) error {
	var said any
	err := json.Unmarshal(text, &said)
	switch {
	case err == nil && said == nil:
		*v = InvertAsSet
	case err == nil && (said == true || said == "on"):
		*v = InvertOn
	case err == nil && (said == false || said == "off"):
		*v = InvertOff
	default:
		return fmt.Errorf("invert must be true or false, got %s", text)
	}
	return nil
}
