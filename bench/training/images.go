package training

import (
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// images is what our training draws its batches from: glyphs, which are everywhere.
func images() (data.Dataset, error) {
	config := data.DefaultGlyphs()
	config.Size = train.DefaultConfig().Size
	return data.Glyphs(config)
}
