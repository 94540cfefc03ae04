package data_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/pkg/data"
)

// A split of a table must not have a class in two parts.
func ExampleCSVParts() {
	dir, err := os.MkdirTemp("", "table")
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
	table := []byte("path,label,split\n1.png,cat,train\n2.png,dog,train\n3.png,cow,test\n4.png,cat,test\n")
	for name, content := range map[string][]byte{
		"1.png": picture.Bytes(), "2.png": picture.Bytes(), "3.png": picture.Bytes(), "4.png": picture.Bytes(), "t.csv": table,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			fmt.Println(err)
			return
		}
	}
	_, err = data.CSVParts(context.Background(), filepath.Join(dir, "t.csv"), data.Options{})
	fmt.Println(strings.ReplaceAll(err.Error(), dir+"/", ""))
	// Output:
	// data: the training part (t.csv, training) and the test part (t.csv, test) have classes in common: "cat"; put all images of a class into one part
}
