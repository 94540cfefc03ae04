package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/pkg/data"
)

// One folder per class is all that one's own pictures need. What cannot be read is an error, unless it is to be skipped.
func ExampleFolder() {
	dir, err := os.MkdirTemp("", "photos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		fmt.Println(err)
		return
	}
	for name, content := range map[string][]byte{
		"Anna/1.png": picture.Bytes(), "Anna/2.png": picture.Bytes(), "Anna/3.jpg": nil,
		"고양이/1.png": picture.Bytes(), "고양이/2.png": picture.Bytes(),
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, content, 0o666)); err != nil {
			fmt.Println(err)
			return
		}
	}
	skip := func(image string, reason error) { fmt.Println("left out:", filepath.Base(image)) }
	photos, err := data.Folder(context.Background(), dir, data.Options{Skip: skip})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d images of %q\n", photos.Len(), photos.Classes())
	// Output:
	// left out: 3.jpg
	// 4 images of ["Anna" "고양이"]
}
