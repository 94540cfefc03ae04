package data

import (
	"fmt"
	"os"
)

// ReadImage reads one image file, as [Folder] reads those of a folder.
func ReadImage(path string) (Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return Image{}, fmt.Errorf("data: %w", err)
	}
	defer file.Close()
	raw, err := readLimited(file)
	if err != nil {
		return Image{}, fmt.Errorf("data: %s: %w", path, err)
	}
	m, err := decodeImage(raw)
	if err != nil {
		return Image{}, fmt.Errorf("data: %s: %w", path, err)
	}
	return m, nil
}
