package data_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image/color"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// gzipped is content packed by gzip.
func gzipped(t testing.TB, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(raw)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tarball is a tar.gz archive of files, in the order of their names.
func tarball(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name])), Mode: 0o644, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return gzipped(t, out.Bytes())
}

// idx is an IDX file of bytes.
func idx(dimensions []int, values []uint8) []byte {
	raw := []byte{0, 0, 8, byte(len(dimensions))}
	for _, d := range dimensions {
		raw = binary.BigEndian.AppendUint32(raw, uint32(d))
	}
	return append(raw, values...)
}

// served are options that download made files from a server of the test, and know nothing else.
func served(t *testing.T, made map[string][]byte) (o data.Options, told *[]string) {
	t.Helper()
	t.Setenv(data.EnvFolder, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, ok := made[filepath.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(raw)
	}))
	t.Cleanup(server.Close)
	told = new([]string)
	return data.Options{Cache: t.TempDir(), BaseURL: server.URL + "/", Progress: func(line string) { *told = append(*told, line) }}, told
}

// shade is a JPEG photograph of one gray.
func shade(t testing.TB, gray uint8) []byte {
	c := color.Gray{gray}
	return encoded(t, "jpeg", quadrants(16, 8, [4]color.Color{c, c, c, c}))
}

// described is a part in a line: its images' classes and how light they are.
func described(t *testing.T, ds data.Dataset) string {
	t.Helper()
	if ds == nil {
		return "none"
	}
	var all []string
	for i := range ds.Len() {
		m := picture(t, ds, i)
		if m.Channels() != ds.Format().Channels {
			t.Errorf("image %d of %s has %d channels", i, ds.Name(), m.Channels())
		}
		all = append(all, fmt.Sprintf("%s=%.0f", ds.Classes()[ds.Label(i)], 255*mean(m.Pixels)))
	}
	return strings.Join(all, " ")
}

func list(lines ...string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

// cifarRecords are images of one value each: of class c, and of value 10c.
func cifarRecords(head int, classes ...byte) (raw []byte) {
	for _, c := range classes {
		if head == 2 {
			raw = append(raw, c/5)
		}
		raw = append(append(raw, c), bytes.Repeat([]byte{10 * c}, 3072)...)
	}
	return raw
}

func numbered(prefix string, n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("%s%d", prefix, i))
	}
	return lines
}

// made is the data sets of the catalogue in small: the files of each, and what its parts then are.
func made(t *testing.T) map[string]struct {
	files                map[string][]byte
	train, test, gallery string
} {
	digits := func(classes ...uint8) (images, labels []byte) {
		var pixels []uint8
		for _, c := range classes {
			pixels = append(pixels, bytes.Repeat([]uint8{10 * c}, 28*28)...)
		}
		return gzipped(t, idx([]int{len(classes), 28, 28}, pixels)), gzipped(t, idx([]int{len(classes)}, classes))
	}
	trainImages, trainLabels := digits(0, 9, 4, 5, 1)
	testImages, testLabels := digits(5, 0, 9, 7)
	mnist := map[string][]byte{
		"train-images-idx3-ubyte.gz": trainImages, "train-labels-idx1-ubyte.gz": trainLabels,
		"t10k-images-idx3-ubyte.gz": testImages, "t10k-labels-idx1-ubyte.gz": testLabels,
	}
	cars := map[string][]byte{}
	for i := range 6 {
		cars[fmt.Sprintf("./car_ims/%06d.jpg", i+1)] = shade(t, uint8(10*i))
	}
	return map[string]struct {
		files                map[string][]byte
		train, test, gallery string
	}{
		"mnist":         {mnist, "0=0 4=40 1=10", "5=50 9=90 7=70", "none"},
		"fashion-mnist": {mnist, "T-shirt or top=0 coat=40 trouser=10", "sandal=50 ankle boot=90 sneaker=70", "none"},
		"cifar10": {map[string][]byte{"cifar-10-binary.tar.gz": tarball(t, map[string][]byte{
			"cifar-10-batches-bin/batches.meta.txt": list(numbered("kind", 10)...),
			"cifar-10-batches-bin/data_batch_1.bin": cifarRecords(1, 0, 5), "cifar-10-batches-bin/data_batch_2.bin": cifarRecords(1, 4),
			"cifar-10-batches-bin/data_batch_3.bin": cifarRecords(1, 9), "cifar-10-batches-bin/data_batch_4.bin": cifarRecords(1, 3),
			"cifar-10-batches-bin/data_batch_5.bin": cifarRecords(1, 3), "cifar-10-batches-bin/test_batch.bin": cifarRecords(1, 3, 7, 5),
		})}, "kind0=0 kind4=40 kind3=30 kind3=30", "kind7=70 kind5=50", "none"},
		"cifar100": {map[string][]byte{"cifar-100-binary.tar.gz": tarball(t, map[string][]byte{
			"cifar-100-binary/fine_label_names.txt":   list(numbered("fine", 100)...),
			"cifar-100-binary/coarse_label_names.txt": list(numbered("coarse", 20)...),
			"cifar-100-binary/train.bin":              cifarRecords(2, 3, 12, 60), "cifar-100-binary/test.bin": cifarRecords(2, 12, 60),
		})}, "coarse0/fine3=30 coarse2/fine12=120", "coarse12/fine60=88", "none"},
		"cub": {map[string][]byte{"CUB_200_2011.tgz": birds(t)}, "001.Albatross=10 100.Gull=20", "101.Hawk=30 200.Wren=40", "none"},
		"cars196": {map[string][]byte{"car_ims.tgz": tarball(t, cars), "cars_annos.mat": must(os.ReadFile("testdata/cars_annos.mat"))},
			"001 AM General Hummer SUV 2000=0 002 Ram C-V Cargo Van 2012=10 002 Ram C-V Cargo Van 2012=20",
			"003 Citroën C3 2005=30 004 smart fortwo 2012=40 004 smart fortwo 2012=50", "none"},
		"online-products": {map[string][]byte{"Stanford_Online_Products.zip": pack(t, map[string][]byte{
			"Stanford_Online_Products/Ebay_train.txt":        list("image_id class_id super_class_id path", "1 1 1 bicycle_final/1_0.JPG", "2 1 1 bicycle_final/1_1.JPG"),
			"Stanford_Online_Products/Ebay_test.txt":         list("image_id class_id super_class_id path", "59552 11319 2 mug_final/2_0.JPG"),
			"Stanford_Online_Products/bicycle_final/1_0.JPG": shade(t, 10), "Stanford_Online_Products/bicycle_final/1_1.JPG": shade(t, 20),
			"Stanford_Online_Products/mug_final/2_0.JPG": shade(t, 30),
		})}, "bicycle_final/1=10 bicycle_final/1=20", "mug_final/11319=30", "none"},
		"in-shop": {map[string][]byte{
			"img.zip": pack(t, map[string][]byte{
				"img/WOMEN/Dresses/id_00000002/02_1_front.jpg": shade(t, 10), "img/MEN/Shorts/id_00000007/01_1_front.jpg": shade(t, 20),
				"img/MEN/Shorts/id_00000007/01_2_side.jpg": shade(t, 30),
			}),
			"list_eval_partition.txt": list("3", "image_name item_id evaluation_status",
				"img/WOMEN/Dresses/id_00000002/02_1_front.jpg      id_00000002 train",
				"img/MEN/Shorts/id_00000007/01_1_front.jpg id_00000007 query", "img/MEN/Shorts/id_00000007/01_2_side.jpg id_00000007 gallery"),
		}, "WOMEN/Dresses/id_00000002=10", "MEN/Shorts/id_00000007=20", "MEN/Shorts/id_00000007=30"},
		"market1501": {map[string][]byte{"Market-1501-v15.09.15.zip": pack(t, map[string][]byte{
			"Market-1501-v15.09.15/bounding_box_train/0002_c1s1_000451_03.jpg": shade(t, 10),
			"Market-1501-v15.09.15/bounding_box_train/0002_c6s4_000776_01.jpg": shade(t, 20),
			"Market-1501-v15.09.15/query/0001_c2s1_000301_00.jpg":              shade(t, 30),
			"Market-1501-v15.09.15/bounding_box_test/-1_c1s1_000401_03.jpg":    shade(t, 40),
			"Market-1501-v15.09.15/bounding_box_test/0000_c3s1_000551_00.jpg":  shade(t, 50),
			"Market-1501-v15.09.15/bounding_box_test/0001_c1s2_042000_02.jpg":  shade(t, 60),
			"Market-1501-v15.09.15/bounding_box_test/Thumbs.db":                {1},
		})}, "0002=10 0002=20", "0001=30", "0000=50 0001=60"},
		"lfw": {map[string][]byte{
			"lfw.tgz": tarball(t, map[string][]byte{
				"lfw/Ann_Lee/Ann_Lee_0001.jpg": shade(t, 10), "lfw/Ann_Lee/Ann_Lee_0002.jpg": shade(t, 20), "lfw/Bo/Bo_0001.jpg": shade(t, 30),
				"lfw/Cy/Cy_0001.jpg": shade(t, 40), "lfw/Cy/Cy_0002.jpg": shade(t, 50),
			}),
			"pairs.txt": list("2\t1", "Ann_Lee\t1\t2", "Bo\t1\tCy\t2", "Cy\t1\t2", "Ann_Lee\t2\tBo\t1"),
		}, "none", "Ann_Lee=10 Ann_Lee=20 Bo=30 Cy=40 Cy=50", "none"},
	}
}

// TestCatalogue downloads, checks, unpacks and reads each data set from small archives of its own form.
func TestCatalogue(t *testing.T) {
	for name, test := range made(t) {
		t.Run(name, func(t *testing.T) {
			o, told := served(t, test.files)
			parts, err := data.OpenMade(t.Context(), name, test.files, o)
			if name == "online-products" || name == "in-shop" || name == "market1501" {
				expect(t, err, "data: "+name, "put it at "+o.Cache)
				for file, raw := range test.files {
					path := filepath.Join(o.Cache, name, file)
					if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, raw, 0o666)); err != nil {
						t.Fatal(err)
					}
				}
				parts, err = data.OpenMade(t.Context(), name, test.files, o)
			} else if len(*told) == 0 || !strings.HasPrefix((*told)[0], name+": ") || !strings.Contains((*told)[0], "://") {
				t.Errorf("told %q, want the licence first", *told)
			}
			if err != nil {
				t.Fatal(err)
			}
			for part, pair := range map[string][2]string{
				"training": {described(t, parts.Train), test.train}, "test": {described(t, parts.Test), test.test},
				"gallery": {described(t, parts.Gallery), test.gallery},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %s\nwant %s", part, pair[0], pair[1])
				}
			}
			before := len(*told)
			o.BaseURL = "http://127.0.0.1:1/" // once it is there, no network is needed
			if _, err := data.OpenMade(t.Context(), name, test.files, o); err != nil || len(*told) != before {
				t.Errorf("the second time: %v, told %q", err, (*told)[before:])
			}
			check(t, name, parts)
		})
	}
}

// check looks at what only some sets have.
func check(t *testing.T, name string, parts data.Parts) {
	t.Helper()
	cameras, ok := data.Cameras(parts.Test)
	switch name {
	case "market1501":
		of, also := data.Cameras(parts.Gallery)
		if !ok || !also || !slices.Equal(cameras, []int{2}) || !slices.Equal(of, []int{3, 1}) {
			t.Errorf("cameras %v and %v", cameras, of)
		}
		ok = false
	case "lfw":
		want := []data.Pair{{A: 0, B: 1, Same: true, Fold: 0}, {A: 2, B: 4, Same: false, Fold: 0}, {A: 3, B: 4, Same: true, Fold: 1}, {A: 1, B: 2, Same: false, Fold: 1}}
		if !slices.Equal(parts.Pairs, want) {
			t.Errorf("pairs %v, want %v", parts.Pairs, want)
		}
	}
	if ok {
		t.Errorf("%s has cameras %v", name, cameras)
	}
}

// birds is CUB's archive in small.
func birds(t testing.TB) []byte {
	return tarball(t, map[string][]byte{
		"attributes.txt":                          list("1 has_bill_shape::curved"),
		"CUB_200_2011/images.txt":                 list("1 001.Albatross/a.jpg", "2 100.Gull/b.jpg", "3 101.Hawk/c.jpg", "4 200.Wren/d.jpg"),
		"CUB_200_2011/images/001.Albatross/a.jpg": shade(t, 10), "CUB_200_2011/images/100.Gull/b.jpg": shade(t, 20),
		"CUB_200_2011/images/101.Hawk/c.jpg": shade(t, 30), "CUB_200_2011/images/200.Wren/d.jpg": shade(t, 40),
	})
}

func TestUnpackedSet(t *testing.T) {
	folder := t.TempDir()
	for name, raw := range map[string][]byte{
		"images.txt": list("1 001.A/a.jpg", "2 101.B/b.jpg"), "images/001.A/a.jpg": shade(t, 10), "images/101.B/b.jpg": shade(t, 20),
	} {
		path := filepath.Join(folder, "cub/CUB_200_2011", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, raw, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(data.EnvFolder, folder)
	var told []string
	parts, err := data.Open(t.Context(), "cub", data.Options{Cache: t.TempDir(), Progress: func(line string) { told = append(told, line) }})
	if err != nil || described(t, parts.Train)+described(t, parts.Test) != "001.A=10101.B=20" {
		t.Errorf("%v", err)
	}
	if len(told) != 1 || !strings.Contains(told[0], "unchecked") {
		t.Errorf("told %q", told)
	}
}

// TestRealFashionMNIST reads the published files, where they are.
func TestRealFashionMNIST(t *testing.T) {
	if _, err := os.Stat(filepath.Join(os.Getenv(data.EnvFolder), "fashion-mnist")); os.Getenv(data.EnvFolder) == "" || err != nil {
		t.Skip("no Fashion-MNIST in $" + data.EnvFolder)
	}
	parts, err := data.Open(t.Context(), "fashion-mnist", data.Options{Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if parts.Train.Len() != 30_000 || parts.Test.Len() != 5_000 || len(parts.Train.Classes()) != 5 || len(parts.Test.Classes()) != 5 {
		t.Errorf("%d and %d images of %q and %q", parts.Train.Len(), parts.Test.Len(), parts.Train.Classes(), parts.Test.Classes())
	}
	sums := map[string]float64{}
	for i := range parts.Test.Len() {
		sums[parts.Test.Classes()[parts.Test.Label(i)]] += mean(picture(t, parts.Test, i).Pixels)
	}
	if sums["sandal"] >= sums["bag"] || sums["sneaker"] >= sums["ankle boot"] { // a sandal has less of a picture than a bag
		t.Errorf("how light the classes are: %v", sums)
	}
}

func TestOpenUnknown(t *testing.T) {
	_, err := data.Open(t.Context(), "fashion-minst", data.Options{})
	expect(t, err, `no data set is called "fashion-minst": did you mean fashion-mnist?`)
}

func TestHostileTarballs(t *testing.T) {
	entry := func(headers ...tar.Header) []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for _, h := range headers {
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			for left := h.Size; left > 0; left -= 1 << 20 {
				if _, err := w.Write(make([]byte, min(left, 1<<20))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return gzipped(t, out.Bytes())
	}
	whole := birds(t)
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"path that climbs", entry(tar.Header{Name: "../x.jpg", Typeflag: tar.TypeReg}), `"../x.jpg" is no plain path`},
		{"path from the root", entry(tar.Header{Name: "/etc/passwd", Typeflag: tar.TypeReg}), `"/etc/passwd" is no plain path`},
		{"symbolic link", entry(tar.Header{Name: "x", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}), `"x" is a link or a device`},
		{"hard link", entry(tar.Header{Name: "y", Linkname: "x", Typeflag: tar.TypeLink}), `"y" is a link or a device`},
		{"too large", entry(tar.Header{Name: "bomb", Size: 1 << 27, Typeflag: tar.TypeReg}), "unpacks to more than"},
		{"no archive", []byte("this is no archive"), "gzip: invalid header"},
		{"cut", whole[:len(whole)-100], "unexpected EOF"},
		{"no list", tarball(t, map[string][]byte{"CUB_200_2011/other.txt": nil}), "images.txt"},
		{"image without a class", tarball(t, map[string][]byte{"CUB_200_2011/images.txt": list("1 7.jpg")}), `found "7.jpg"`},
		{"name with a space", tarball(t, map[string][]byte{"CUB_200_2011/images.txt": list("1 001.A/a b.jpg")}), "line 1: expected 2 words, found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := map[string][]byte{"CUB_200_2011.tgz": c.raw}
			o, _ := served(t, made)
			_, err := data.OpenMade(t.Context(), "cub", made, o)
			expect(t, err, "data: cub: ", c.want)
			for _, name := range files(t, o.Cache) {
				if strings.HasPrefix(name, ".") {
					t.Errorf("left behind: %s", name)
				}
			}
		})
	}
}

func TestUnpackingEndsWithItsContext(t *testing.T) {
	made := map[string][]byte{"CUB_200_2011.tgz": birds(t)}
	o, _ := served(t, made)
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(line string) {
		if strings.HasPrefix(line, "unpacking") {
			cancel()
		}
	}
	if _, err := data.OpenMade(ctx, "cub", made, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
