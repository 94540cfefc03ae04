package losses

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// InSmallBlocks has a stream take so many rows at a time, of a batch that would not need blocks.
func (s *Stream) InSmallBlocks(height, rows int) *Stream {
	s.tileRows, s.slabBytes = height, 4*rows*height
	return s
}

// IsFormula tells whether a loss, after miners, is a formula of sums over its row.
func IsFormula(backend compute.Backend, loss Loss, miners ...Miner) bool {
	_, _, ok := formulaOf(backend, loss, miners, 2, dtypes.Float32)
	return ok
}
