package data

import (
	"fmt"
	"io/fs"
	"strings"
)

const (
	cifarURL   = "https://www.cs.toronto.edu/~kriz/"
	cifarSide  = 32
	cifarBytes = 3 * cifarSide * cifarSide

	cifarImages = 50_000 // that a file has at most
	cifarPaper  = "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
)

func cifar10() Publication {
	const archive, folder = "cifar-10-binary.tar.gz", "cifar-10-batches-bin"
	return Publication{
		Name: "cifar10", About: "photographs, 32 × 32, colour: 50,000 and 10,000 images of 10 classes",
		Split:   "the training images of the first 5 classes to learn from; the test images of the other 5, unseen, for the test",
		Address: cifarURL + "cifar.html", Licence: "none stated; the authors ask to be cited", Paper: cifarPaper,
		files: []published{{
			name: archive, url: cifarURL, size: 170052171, sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
		}},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			classes, err := cifarNames(tree, folder+"/batches.meta.txt", 10)
			if err != nil {
				return Parts{}, err
			}
			train := &memory{name: "training images", classes: classes, channels: 3, width: cifarSide, height: cifarSide}
			test := &memory{name: "test images", classes: classes, channels: 3, width: cifarSide, height: cifarSide}
			for i := range 5 {
				if err := train.addCIFAR(tree, fmt.Sprintf("%s/data_batch_%d.bin", folder, i+1), 1); err != nil {
					return Parts{}, err
				}
			}
			if err := test.addCIFAR(tree, folder+"/test_batch.bin", 1); err != nil {
				return Parts{}, err
			}
			return halves(r.of.Name, train, test), nil
		},
	}
}

func cifar100() Publication {
	const archive, folder = "cifar-100-binary.tar.gz", "cifar-100-binary"
	return Publication{
		Name: "cifar100", About: "photographs, 32 × 32, colour: 50,000 and 10,000 images of 100 classes in 20 super-classes",
		Split:   "the training images of the first 50 classes to learn from; the test images of the other 50, unseen, for the test",
		Address: cifarURL + "cifar.html", Licence: "none stated; the authors ask to be cited", Paper: cifarPaper,
		files: []published{{
			name: archive, url: cifarURL, size: 168513733, sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
		}},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			fine, err := cifarNames(tree, folder+"/fine_label_names.txt", 100)
			if err != nil {
				return Parts{}, err
			}
			coarse, err := cifarNames(tree, folder+"/coarse_label_names.txt", 20)
			if err != nil {
				return Parts{}, err
			}
			train := &memory{name: "training images", classes: fine, channels: 3, width: cifarSide, height: cifarSide}
			test := &memory{name: "test images", classes: fine, channels: 3, width: cifarSide, height: cifarSide}
			if err := train.addCIFAR(tree, folder+"/train.bin", 2); err != nil {
				return Parts{}, err
			}
			if err := test.addCIFAR(tree, folder+"/test.bin", 2); err != nil {
				return Parts{}, err
			}
			if err := underCoarse(tree, folder+"/train.bin", fine, coarse); err != nil {
				return Parts{}, err
			}
			return halves(r.of.Name, train, test), nil
		},
	}
}

// cifarNames reads a list of class names, one per line.
func cifarNames(tree fs.FS, name string, want int) ([]string, error) {
	raw, err := text(tree, name)
	if err != nil {
		return nil, err
	}
	names := strings.Fields(raw)
	if len(names) != want {
		return nil, fmt.Errorf("%s: %d names of classes, want %d", name, len(names), want)
	}
	return names, nil
}

// records returns the content of a file of images. Before each image are labels bytes.
func records(tree fs.FS, name string, labels int) ([]byte, error) {
	record := labels + cifarBytes
	raw, err := fileOf(tree, name, int64(cifarImages*record))
	if err == nil && (len(raw) == 0 || len(raw)%record != 0) {
		err = fmt.Errorf("%s: %d bytes are no whole number of images of %d", name, len(raw), record)
	}
	return raw, err
}

// addCIFAR appends the images of a file. Each has labels bytes, of which the last counts, and then the red, green and blue values of all
// pixels.
func (m *memory) addCIFAR(tree fs.FS, name string, labels int) error {
	raw, err := records(tree, name, labels)
	if err != nil {
		return err
	}
	record := labels + cifarBytes
	for ; len(raw) > 0; raw = raw[record:] {
		label := int(raw[labels-1])
		if label >= len(m.classes) {
			return fmt.Errorf("%s: an image is of class %d, and there are %d", name, label, len(m.classes))
		}
		planes, pixels := raw[labels:record], make([]uint8, cifarBytes)
		for i := range cifarBytes / 3 {
			for c := range 3 {
				pixels[3*i+c] = planes[c*cifarBytes/3+i]
			}
		}
		m.labels, m.pixels = append(m.labels, label), append(m.pixels, pixels)
	}
	return nil
}

// underCoarse puts the name of its super-class before the name of each class, as the records of a file pair them.
func underCoarse(tree fs.FS, name string, fine, coarse []string) error {
	raw, err := records(tree, name, 2)
	if err != nil {
		return err
	}
	done := make([]bool, len(fine))
	for ; len(raw) > 0; raw = raw[2+cifarBytes:] {
		above, class := int(raw[0]), int(raw[1])
		if above >= len(coarse) || class >= len(fine) {
			return fmt.Errorf("%s: an image is of super-class %d and class %d, and there are %d and %d",
				name, above, class, len(coarse), len(fine))
		}
		if !done[class] {
			fine[class], done[class] = coarse[above]+"/"+fine[class], true
		}
	}
	return nil
}
