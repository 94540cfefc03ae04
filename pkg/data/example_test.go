package data_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/pkg/data"
)

// An image is gray, from paper to ink.
func ExampleGlyphs() {
	ds, err := data.Glyphs(data.GlyphsConfig{Classes: 3, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ds.Name(), ds.Len(), ds.Classes())
	m, err := ds.Image(5)
	if err != nil {
		fmt.Println(err)
		return
	}
	m = data.Resize(m, 14)
	fmt.Println("a", ds.Classes()[ds.Label(5)])
	for y := range m.Height {
		var row strings.Builder
		for _, ink := range m.Pixels[y*m.Width : (y+1)*m.Width] {
			row.WriteByte(" .:+#"[int(4.99*ink)])
		}
		fmt.Println("|" + row.String() + "|")
	}
	// Output:
	// glyphs 15 [A B D]
	// a B
	// |              |
	// |              |
	// |   :######.   |
	// |    ##  +#+   |
	// |    ##  +#:   |
	// |   .#+ :#+    |
	// |   :####:     |
	// |   +#. :#+    |
	// |   ##   ##    |
	// |   ##  :##    |
	// |  ###+###.    |
	// |  ..::..      |
	// |              |
	// |              |
}

// Pair losses learn from batches with several images of each of several classes. Turned characters are further classes.
func ExamplePairBatches() {
	glyphs, err := data.Glyphs(data.DefaultGlyphs())
	if err != nil {
		fmt.Println(err)
		return
	}
	batches := &data.PairBatches{
		Dataset: data.Rotations(glyphs), Classes: 3, PerClass: 2, Size: 28,
		Augment: data.DefaultAugment(), Mean: 0.2, Std: 0.3, Steps: 2,
	}
	for batch, err := range batches.Iter() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.Inputs[0].Shape(), batch.Labels[0])
	}
	// Output:
	// (Float32)[6, 28, 28, 1] [6]int32{79, 79, 39, 39, 0, 0}
	// (Float32)[6, 28, 28, 1] [6]int32{214, 214, 33, 33, 185, 185}
}

// Classes are held out to validate with: what counts is how well a network tells apart what it has never seen.
func ExampleHoldOut() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 10, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	training, validation, err := data.HoldOut(data.Rotations(glyphs), 0.3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(training.Classes()), "classes to train on: 7 characters and how they look when they are turned")
	fmt.Println(len(validation.Classes()), "classes to validate with, as they are:", validation.Classes())
	// Output:
	// 28 classes to train on: 7 characters and how they look when they are turned
	// 3 classes to validate with, as they are: [A E G]
}

// logged is a set of one's own that wraps another: it forwards what that knows beyond the methods of a Dataset.
type logged struct{ data.Dataset }

func (l logged) Image(i int) (data.Image, error) {
	fmt.Println("image", i)
	return l.Dataset.Image(i)
}

func (l logged) Source(i int) string             { return data.Source(l.Dataset, i) }
func (l logged) Cameras() ([]int, bool)          { return data.Cameras(l.Dataset) }
func (l logged) Origins() ([]data.Origin, error) { return data.Origins(l.Dataset) }

// A turned class knows of which it was made, also through a set that wraps it: so no split gives a held-out class away.
func ExampleOrigins() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 2, PerClass: 1, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	set := logged{data.Mirrored(glyphs)}
	origins, err := data.Origins(set)
	if err != nil {
		fmt.Println(err)
		return
	}
	for label, class := range set.Classes() {
		fmt.Println(class, "is made of", origins[label].Class, origins[label].Changed)
	}
	// Output:
	// A is made of A false
	// B is made of B false
	// A@mirror is made of A true
	// B@mirror is made of B true
}

// Classes that are trained on and classes that are held out come from one rule and its opposite.
func ExampleSubset() {
	glyphs, err := data.Glyphs(data.GlyphsConfig{Classes: 8, PerClass: 5, Size: 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	vowel := func(class string) bool { return strings.Contains("AEIOU", class) }
	held := data.Subset(glyphs, "vowels", vowel)
	rest := data.Subset(glyphs, "consonants", func(class string) bool { return !vowel(class) })
	fmt.Println(held.Name(), held.Len(), held.Classes())
	fmt.Println(rest.Name(), rest.Len(), rest.Classes())
	// Output:
	// vowels 10 [A E]
	// consonants 30 [B D F G H J]
}

// The background set is split by alphabet; the official runs are only for a last evaluation.
func ExampleOmniglotSmall1() {
	ctx := context.Background()
	small, err := data.OmniglotSmall1(ctx, data.Options{})
	if err != nil {
		fmt.Println(err) // says what is missing, and what to do
		return
	}
	validated := data.Alphabets("Balinese", "Early_Aramaic")
	training := data.Subset(small, "training", func(class string) bool { return !validated(class) })
	validation := data.Subset(small, "validation", validated)
	fmt.Println(len(training.Classes()), len(validation.Classes()))
}

// One folder per class is all that one's own pictures need. What cannot be read is an error, unless it is to be skipped.
func ExampleFolder() {
	dir, err := os.MkdirTemp("", "photos")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"Anna/1.png", "Anna/2.png", "고양이/1.png", "고양이/2.png"} {
		if err := writePNG(filepath.Join(dir, name)); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "Anna", "3.jpg"), nil, 0o666); err != nil {
		fmt.Println(err)
		return
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

func writePNG(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return png.Encode(file, image.NewRGBA(image.Rect(0, 0, 8, 8)))
}

// A split of a table must not have a class in two parts.
func ExampleCSVParts() {
	dir, err := os.MkdirTemp("", "table")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	table := "path,label,split\n1.png,cat,train\n2.png,dog,train\n3.png,cow,test\n4.png,cat,test\n"
	for _, name := range []string{"1.png", "2.png", "3.png", "4.png"} {
		if err := writePNG(filepath.Join(dir, name)); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte(table), 0o666); err != nil {
		fmt.Println(err)
		return
	}
	_, err = data.CSVParts(context.Background(), filepath.Join(dir, "t.csv"), data.Options{})
	fmt.Println(strings.ReplaceAll(err.Error(), dir+"/", ""))
	// Output:
	// data: the training part (t.csv, training) and the test part (t.csv, test) have classes in common: "cat"; put all images of a class into one part
}

// Published sets are opened by name; what is learnt from and what is measured with have no class in common.
func ExampleOpen() {
	for _, p := range data.Catalogue()[:3] {
		fmt.Println(p.Name+":", p.Licence)
	}
	parts, err := data.Open(context.Background(), "fashion-mnist", data.Options{Progress: func(line string) { fmt.Println(line) }})
	if err != nil {
		fmt.Println(err) // says what is missing, and what to do
		return
	}
	fmt.Println(parts.Train.Classes(), parts.Test.Classes(), parts.Disjoint())
}

// Features that another model made are a set like any other, whose batches are [P·K, features].
func ExampleFeatures() {
	set, err := data.Features("testdata/npy/f2.npy", "testdata/npy/labels_text.npy", data.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	batches := &data.PairBatches{Dataset: set, Classes: 2, PerClass: 2, Steps: 1}
	for batch, err := range batches.Iter() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(set.Format().Features, len(set.Classes()), batch.Inputs[0].Shape())
	}
	// Output:
	// 5 6 (Float32)[4, 5]
}

// Classes of a few kinds in a batch are harder to tell apart: here two alphabets.
func ExampleSuperClass() {
	fmt.Println(data.SuperClass("Greek/character01"), data.SuperClass("WOMEN/Dresses/id_00000002"))
	// Output:
	// Greek WOMEN/Dresses
}
