package peers

import (
	"encoding/binary"
	"fmt"

	"github.com/unipair/unipair/internal/file"
)

// WriteNumbers writes numbers for a peer, float32 or int32, little-endian: a batch in JSON would be ten times its size.
func WriteNumbers[T float32 | int32](path string, numbers []T) error {
	raw, err := binary.Append(make([]byte, 0, 4*len(numbers)), binary.LittleEndian, numbers)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if err := file.WriteBytes(path, raw); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// ReadNumbers reads what [WriteNumbers] or a peer has written.
func ReadNumbers[T float32 | int32](path string) ([]T, error) {
	raw, err := file.Read(path, 1<<34)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	numbers := make([]T, len(raw)/4)
	if _, err := binary.Decode(raw, binary.LittleEndian, numbers); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", path, err)
	}
	return numbers, nil
}
