package onnxfile

import (
	"encoding/json"
	"fmt"
)

// Before says what was done to pictures, before their pixels are prepared, when the network of a file that this program wrote learnt. It
// is kept beside the [Preparation], under [MetadataKey].
type Before struct {
	Invert     bool   `json:"invert"`
	Fit        string `json:"fit"`        // squeeze, crop or pad
	Resampling string `json:"resampling"` // area or bilinear
}

// Before returns what the file says of it; its zero value is nothing, as of a file from elsewhere.
func (f *File) Before() (b Before, err error) {
	if text, there := f.Metadata[MetadataKey]; there {
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			return b, fmt.Errorf("%s says its preparation (%s) in words that are not understood: %w", f.Path, MetadataKey, err)
		}
	}
	return b, nil
}
