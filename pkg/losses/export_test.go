package losses

// InSmallBlocks has a stream take so many rows at a time, of a batch that would not need blocks.
func (s *Stream) InSmallBlocks(height, rows int) *Stream {
	s.tileRows, s.slabBytes = height, 4*rows*height
	return s
}
