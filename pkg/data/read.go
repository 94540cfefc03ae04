package data

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/internal/file"
)

// ReadImage reads one image file, as [Folder] reads those of a folder.
func ReadImage(path string) (Image, error) {
	opened, err := file.Open(path)
	if err != nil {
		return Image{}, fmt.Errorf("data: %w", err)
	}
	defer opened.Close()
	m, err := readPicture(context.Background(), opened)
	if err != nil {
		return Image{}, fmt.Errorf("data: %w", file.Named(path, err))
	}
	return m, nil
}
