package data_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// TestSkippedImages: a picture of a published set that cannot be read stops it by name, or is named and left out, and with it its pairs.
func TestSkippedImages(t *testing.T) {
	torn := shade(t, 9)[:300]
	for name, test := range map[string]struct {
		file, image string
		test        string // what is left for the test
		pairs       int
	}{
		"market1501":      {"Market-1501-v15.09.15.zip", "Market-1501-v15.09.15/bounding_box_train/0002_c6s4_000776_01.jpg", "0001=30", 0},
		"in-shop":         {"img.zip", "img/MEN/Shorts/id_00000007/01_2_side.jpg", "MEN/Shorts/id_00000007=20", 0},
		"online-products": {"Stanford_Online_Products.zip", "Stanford_Online_Products/bicycle_final/1_1.JPG", "mug_final/11319=30", 0},
		"cub":             {"CUB_200_2011.tgz", "CUB_200_2011/images/101.Hawk/c.jpg", "200.Wren=40", 0},
		"cars196":         {"car_ims.tgz", "car_ims/000004.jpg", "004 smart fortwo 2012=40 004 smart fortwo 2012=50", 0},
		"lfw":             {"lfw.tgz", "lfw/Ann_Lee/Ann_Lee_0001.jpg", "Ann_Lee=20 Bo=30 Cy=40 Cy=50", 3},
	} {
		for fault, raw := range map[string][]byte{"no image": []byte("none"), "empty": {}, "torn": torn, "missing": nil} {
			t.Run(name+", "+fault, func(t *testing.T) {
				set := made(t)[name]
				set.files = changed(set.files, test.file, replaced(t, set.files[test.file], test.image, raw))
				folder := t.TempDir()
				t.Setenv(data.EnvFolder, folder)
				laid(t, folder, name, set.files)
				o := data.Options{Cache: t.TempDir()}
				parts, err := data.OpenMade(t.Context(), name, set.files, o)
				if name == "market1501" && fault == "missing" || name == "lfw" && fault == "missing" {
					return // no list says that it should be there
				}
				if fault == "torn" && err == nil { // it is found when it is drawn
					for _, part := range []data.Dataset{parts.Train, parts.Test, parts.Gallery} {
						for i := 0; part != nil && err == nil && i < part.Len(); i++ {
							_, err = part.Image(i)
						}
					}
				}
				expect(t, err, test.image)
				var skipped []string
				o.Skip = func(image string, reason error) { skipped = append(skipped, image) }
				o.Cache = t.TempDir() // a torn picture in a whole archive is no reason against the archive until it is decoded
				parts, err = data.OpenMade(t.Context(), name, set.files, o)
				if err != nil && name == "in-shop" {
					expect(t, err, "no image that can be read") // it was all of the gallery
				} else if err != nil || described(t, parts.Test) != test.test || len(parts.Pairs) != test.pairs {
					t.Fatalf("%v, %d pairs", err, len(parts.Pairs))
				}
				if !slices.Equal(skipped, []string{test.image}) {
					t.Errorf("skipped %q", skipped)
				}
				for _, left := range files(t, o.Cache) {
					if strings.HasSuffix(left, ".seen.json") && left == test.file+".seen.json" {
						t.Errorf("%s: a set that was not read whole is trusted", left)
					}
				}
				for _, pair := range parts.Pairs {
					if a, b := parts.Test.Label(pair.A), parts.Test.Label(pair.B); (a == b) != pair.Same {
						t.Errorf("the pair %v is of classes %d and %d", pair, a, b)
					}
				}
			})
		}
	}
}

// TestSkippedDamage: where images may be skipped, an archive with damage elsewhere is read, but not trusted.
func TestSkippedDamage(t *testing.T) {
	const archive, readme = "Market-1501-v15.09.15.zip", "Market-1501-v15.09.15/readme.txt"
	set := made(t)["market1501"].files
	raw := replaced(t, set[archive], "Market-1501-v15.09.15/bounding_box_test/Thumbs.db", nil)
	whole := pack(t, map[string][]byte{readme: []byte("words")})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, one := range [][]byte{raw, whole} {
		for _, f := range must(zip.NewReader(bytes.NewReader(one), int64(len(one)))).File {
			if f.Name == readme {
				f.CRC32++
				f.Flags &^= 8 // the sum is in the list alone
			}
			if err := w.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	set = changed(set, archive, out.Bytes())
	folder, o := t.TempDir(), data.Options{Cache: t.TempDir()}
	t.Setenv(data.EnvFolder, folder)
	laid(t, folder, "market1501", set)
	_, err := data.OpenMade(t.Context(), "market1501", set, o)
	expect(t, err, readme, "checksum", "cut or damaged")
	o.Skip = func(image string, reason error) { t.Errorf("skipped %s: %v", image, reason) }
	if _, err := data.OpenMade(t.Context(), "market1501", set, o); err != nil {
		t.Fatal(err)
	}
	if found := files(t, o.Cache); len(found) != 0 {
		t.Errorf("the cache holds %q", found)
	}
}

// replaced is an archive with another content of one of its files, or without it.
func replaced(t testing.TB, archive []byte, name string, raw []byte) []byte {
	t.Helper()
	all := map[string][]byte{}
	if reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive))); err == nil {
		for _, f := range reader.File {
			all[f.Name] = must(io.ReadAll(must(f.Open())))
		}
	} else {
		reader := tar.NewReader(must(gzip.NewReader(bytes.NewReader(archive))))
		for header, err := reader.Next(); err == nil; header, err = reader.Next() {
			all[strings.TrimPrefix(header.Name, "./")] = must(io.ReadAll(reader))
		}
	}
	if all[name] == nil {
		t.Fatalf("there is no %s", name)
	}
	all[name] = raw
	if raw == nil {
		delete(all, name)
	}
	if bytes.HasPrefix(archive, []byte("PK")) {
		return pack(t, all)
	}
	return tarball(t, all)
}

// TestGrayPart: a part whose images happen to be gray is in colour, as its set is.
func TestGrayPart(t *testing.T) {
	dot := drawing(t, 16, 8, 1, 1)
	files := map[string][]byte{"Market-1501-v15.09.15.zip": pack(t, map[string][]byte{
		"Market-1501-v15.09.15/bounding_box_train/0002_c1s1_000451_03.jpg": shade(t, 10), "Market-1501-v15.09.15/query/0001_c2s1_000301_00.jpg": dot,
		"Market-1501-v15.09.15/bounding_box_test/0001_c1s2_042000_02.jpg": dot,
	})}
	folder := t.TempDir()
	t.Setenv(data.EnvFolder, folder)
	laid(t, folder, "market1501", files)
	parts, err := data.OpenMade(t.Context(), "market1501", files, data.Options{Cache: t.TempDir()})
	if err != nil || parts.Test.Format().Channels != 3 || parts.Gallery.Format().Channels != 3 || picture(t, parts.Test, 0).Channels() != 3 {
		t.Errorf("%v", err)
	}
}
