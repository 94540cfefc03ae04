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
		return Image{}, fmt.Errorf("data: %s: %w", path, err)
	}
	return m, nil
}

// Source says where image i of a set comes from: the path of its file, or an empty text where it has none of its own.
func Source(ds Dataset, i int) string {
	switch set := ds.(type) {
	case *files:
		return set.Source(i)
	case *subset:
		return Source(set.Dataset, set.images[i])
	case *variants:
		return Source(set.Dataset, i%set.Dataset.Len())
	}
	return ""
}
