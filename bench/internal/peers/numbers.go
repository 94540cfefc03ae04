package peers

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/unipair/unipair/internal/file"
)

// WriteNumbers writes numbers for a peer, float32 or int32, little-endian: a batch in JSON would be ten times its size.
func WriteNumbers[T float32 | int32](path string, numbers []T) error {
	if err := file.Write(path, func(to io.Writer) error { return PutNumbers(to, numbers) }); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// PutNumbers writes what [WriteNumbers] does into an open file, some at a time: the memory of a contender is not that of its answer twice.
func PutNumbers[T float32 | int32](to io.Writer, numbers []T) error {
	var raw []byte
	for some := range slices.Chunk(numbers, 1<<18) {
		var err error
		if raw, err = binary.Append(raw[:0], binary.LittleEndian, some); err != nil {
			return err
		}
		if _, err := to.Write(raw); err != nil {
			return err
		}
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
