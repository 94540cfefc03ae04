package data_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func TestIDX(t *testing.T) {
	dimensions, values, err := data.ParseIDX(idx([]int{2, 1, 3}, []uint8{1, 2, 3, 4, 5, 6}))
	if err != nil || !slices.Equal(dimensions, []int{2, 1, 3}) || !slices.Equal(values, []uint8{1, 2, 3, 4, 5, 6}) {
		t.Errorf("%v, %v, %v", dimensions, values, err)
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"another kind of file", []byte("PK\x03\x04"), "no IDX file"},
		{"numbers of float", []byte{0, 0, 13, 1, 0, 0, 0, 0}, "type 0x0d"},
		{"four dimensions", idx([]int{1, 1, 1, 1}, []uint8{1}), "4 dimensions"},
		{"no dimension", []byte{0, 0, 8, 0}, "0 dimensions"},
		{"no size", []byte{0, 0, 8, 1, 9}, "and 5 bytes"},
		{"fewer declared than there are", idx([]int{2}, []uint8{1, 2, 3}), "declares 2 bytes and has 3"},
		{"more declared than memory has", idx([]int{1 << 31, 1 << 31, 1 << 31}, []uint8{1, 2, 3}), "declares more than its 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := data.ParseIDX(c.raw)
			expect(t, err, c.want)
		})
	}
}

// TestIDXSets: images and labels that do not go together.
func TestIDXSets(t *testing.T) {
	four := make([]uint8, 4*4)
	for _, c := range []struct {
		name   string
		change func(files map[string][]byte)
		want   string
	}{
		{"not packed", func(f map[string][]byte) { f["train-images-idx3-ubyte.gz"] = []byte("this is packed by nobody") }, "gzip: invalid header"},
		{"cut", func(f map[string][]byte) { f["t10k-labels-idx1-ubyte.gz"] = f["t10k-labels-idx1-ubyte.gz"][:20] }, "unexpected EOF"},
		{"fewer labels than images", func(f map[string][]byte) {
			f["train-labels-idx1-ubyte.gz"] = gzipped(t, idx([]int{3}, []uint8{1, 2, 3}))
		}, "[4 2 2] and labels of [3]"},
		{"label without a class", func(f map[string][]byte) {
			f["t10k-labels-idx1-ubyte.gz"] = gzipped(t, idx([]int{4}, []uint8{1, 10, 2, 3}))
		}, "image 1 is of class 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string][]byte{}
			for _, part := range []string{"train", "t10k"} {
				files[part+"-images-idx3-ubyte.gz"] = gzipped(t, idx([]int{4, 2, 2}, four))
				files[part+"-labels-idx1-ubyte.gz"] = gzipped(t, idx([]int{4}, []uint8{1, 2, 3, 4}))
			}
			c.change(files)
			o, _ := served(t, files)
			_, err := data.OpenMade(t.Context(), "mnist", files, o)
			expect(t, err, "data: mnist: ", c.want)
		})
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idx([]int{2, 2}, []uint8{1, 2, 3, 4}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dimensions, values, err := data.ParseIDX(raw)
		if err != nil {
			expect(t, err)
			return
		}
		count := 1
		for _, d := range dimensions {
			count *= d
		}
		if count != len(values) {
			t.Fatalf("%v and %d bytes", dimensions, len(values))
		}
	})
}

// TestCarList reads what SciPy wrote (testdata/cars_annos.py), packed and not.
func TestCarList(t *testing.T) {
	for _, file := range []string{"cars_annos.mat", "cars_annos_plain.mat"} {
		raw, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		paths, numbers, names, err := data.CarList(raw)
		if err != nil {
			t.Fatal(file, err)
		}
		if len(paths) != 6 || paths[5] != "car_ims/000006.jpg" || !slices.Equal(numbers, []int{1, 2, 2, 3, 4, 4}) ||
			!slices.Equal(names, []string{"AM General Hummer SUV 2000", "Ram C-V Cargo Van 2012", "Citroën C3 2005", "smart fortwo 2012"}) {
			t.Errorf("%s: %q, %v, %q", file, paths, numbers, names)
		}
	}
}

func TestBadCarList(t *testing.T) {
	whole := must(os.ReadFile("testdata/cars_annos_plain.mat"))
	packed := must(os.ReadFile("testdata/cars_annos.mat"))
	at := bytes.Index(whole, []byte("class\x00"))
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"version 7.3", []byte("MATLAB 7.3 MAT-file"), "no MATLAB file"},
		{"cut", whole[:len(whole)/2], "unexpected EOF"},
		{"damaged", slices.Concat(packed[:136], []byte{1, 2, 3}, packed[139:]), "zlib"},
		{"no field of classes", slices.Concat(whole[:at], []byte("Class"), whole[at+5:]), "expected annotations with a relative_im_path and a class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, _, err := data.CarList(c.raw)
			if err == nil {
				t.Fatal("no error")
			}
			expect(t, err, c.want)
		})
	}
	climbing := bytes.Replace(whole, []byte("car_ims/000003.jpg"), []byte("../../../000003.jpg")[:18], 1)
	_, _, _, err := data.CarList(climbing)
	expect(t, err, "image 3", "..")
}

func FuzzCarList(f *testing.F) {
	for _, file := range []string{"cars_annos.mat", "cars_annos_plain.mat"} {
		f.Add(must(os.ReadFile("testdata/" + file)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		paths, numbers, names, err := data.CarList(raw)
		if err != nil {
			expect(t, err)
			return
		}
		for i := range paths {
			if numbers[i] < 1 || numbers[i] > len(names) {
				t.Fatal(numbers[i])
			}
		}
	})
}

// TestBadLists: lists of images that are not what they are published as.
func TestBadLists(t *testing.T) {
	face := map[string][]byte{"lfw/A/A_0001.jpg": shade(t, 1), "lfw/A/A_0002.jpg": shade(t, 2)}
	faces := func(lines ...string) map[string][]byte {
		return map[string][]byte{"lfw.tgz": tarball(t, face), "pairs.txt": list(lines...)}
	}
	products := func(line string) map[string][]byte {
		return map[string][]byte{"Stanford_Online_Products.zip": pack(t, map[string][]byte{
			"Stanford_Online_Products/Ebay_train.txt": list("head", line), "Stanford_Online_Products/Ebay_test.txt": list("head"),
		})}
	}
	shop := func(line string) map[string][]byte {
		return map[string][]byte{"img.zip": pack(t, map[string][]byte{"img/x": nil}), "list_eval_partition.txt": list("1", "head", line)}
	}
	for _, c := range []struct {
		name  string
		set   string
		files map[string][]byte
		want  string
	}{
		{"too few words", "online-products", products("1 2 3"), `line 2: expected 4 words, found "1 2 3"`},
		{"no list", "online-products", map[string][]byte{"Stanford_Online_Products.zip": pack(t, map[string][]byte{"x": nil})}, "Ebay_train.txt: file does not exist"},
		{"no archive", "online-products", map[string][]byte{"Stanford_Online_Products.zip": []byte("words")}, "zip: not a valid zip file"},
		{"unknown part", "in-shop", shop("img/a/b/1.jpg id_1 tset"), `found "img/a/b/1.jpg id_1 tset"`},
		{"no name of a person", "market1501", map[string][]byte{"Market-1501-v15.09.15.zip": pack(t, map[string][]byte{
			"Market-1501-v15.09.15/bounding_box_train/me.jpg": nil})}, "expected a name like 0002_c1s1_000451_03.jpg"},
		{"other number of pairs", "lfw", faces("2 1", "A 1 2"), "expected the numbers of folds"},
		{"pair of a missing image", "lfw", faces("1 1", "A 1 3", "A 1 A 2"), "line 2: there is no image 3 of A"},
		{"pair of two people with three words", "lfw", faces("1 1", "A 1 2", "A 1 2"), `line 3: expected 4 words, found "A 1 2"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv(data.EnvFolder, folder)
			for name, raw := range c.files {
				path := filepath.Join(folder, c.set, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, raw, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			_, err := data.OpenMade(t.Context(), c.set, c.files, data.Options{Cache: t.TempDir()})
			expect(t, err, "data: "+c.set, c.want)
		})
	}
}

// TestDamagedArchiveImage: an image of an archive whose bytes are not what the archive says of them is named, before any work.
func TestDamagedArchiveImage(t *testing.T) {
	raw := pack(t, map[string][]byte{
		"Stanford_Online_Products/Ebay_train.txt": list("head", "1 1 1 mug_final/1_0.JPG"),
		"Stanford_Online_Products/Ebay_test.txt":  list("head", "2 2 1 mug_final/2_0.JPG"), "Stanford_Online_Products/mug_final/2_0.JPG": shade(t, 8),
		"Stanford_Online_Products/mug_final/1_0.JPG": shade(t, 7),
	})
	name := []byte("mug_final/1_0.JPG")
	raw[bytes.LastIndex(raw[:bytes.LastIndex(raw, name)], name)+len(name)+40] ^= 0xff
	t.Setenv(data.EnvFolder, "")
	o := data.Options{Cache: filepath.Dir(filepath.Dir(place(t, t.TempDir(), nil)))}
	path := filepath.Join(o.Cache, "online-products", "Stanford_Online_Products.zip")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := data.OpenMade(t.Context(), "online-products", map[string][]byte{"Stanford_Online_Products.zip": raw}, o)
	expect(t, err, "mug_final/1_0.JPG")
}
