package training

import (
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// settings returns those of our training, which the peers have too.
func settings() train.Config {
	config := train.DefaultConfig()
	config.Classes = 24
	return config
}

// images returns what our training draws its batches from: glyphs, which are everywhere.
func images() (data.Dataset, error) {
	config := data.DefaultGlyphs()
	config.Size = settings().Size
	return data.Glyphs(config)
}
