package data_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

func numpyFile(t testing.TB, name string) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("testdata/npy", name+".npy")))
}

// TestFeatures reads what NumPy wrote (testdata/features.py), in each type of numbers and of labels.
func TestFeatures(t *testing.T) {
	for _, numbers := range []string{"f2", "f4", "f8", "fortran"} {
		for _, labels := range []string{"u1", "i2", "i4", "i8", "u8", "text"} {
			dir := write(t, map[string][]byte{"x.npy": numpyFile(t, numbers), "x_labels.npy": numpyFile(t, "labels_"+labels)})
			ds, err := data.Features(filepath.Join(dir, "x.npy"), "", data.Options{})
			if err != nil {
				t.Fatal(numbers, labels, err)
			}
			want := []string{"0", "1", "2", "3", "4", "5"}
			if labels == "text" {
				want = []string{"고양이", "red cat", "é", "d", "e", "f"}
			}
			if ds.Len() != 12 || ds.Format() != (data.Format{Channels: 1, Features: 5}) || len(ds.Classes()) != 6 {
				t.Fatalf("%s, %s: %d examples of %q, %v", numbers, labels, ds.Len(), ds.Classes(), ds.Format())
			}
			for i := range 12 {
				m := picture(t, ds, i)
				base := float32(i)
				if !slices.Equal(m.Pixels, []float32{base, base + 0.125, base + 0.25, base + 0.375, base + 0.5}) || ds.Classes()[ds.Label(i)] != want[i%6] {
					t.Errorf("%s, %s: example %d of %q is %v", numbers, labels, i, ds.Classes()[ds.Label(i)], m.Pixels)
				}
			}
			if _, err := ds.Image(12); err == nil {
				t.Error("example 12 of 12 is no error")
			}
		}
	}
}

// What `unipair export` writes is read as it is.
func TestFeaturesOfExport(t *testing.T) {
	table := "index,class,path\n" + strings.Repeat("7,red cat,a.png\n8,고양이,b.png\n", 6)
	dir := write(t, map[string][]byte{"embeddings.npy": numpyFile(t, "f4"), "images.csv": []byte(table), "embeddings.csv": []byte(table)})
	ds, err := data.Features(filepath.Join(dir, "embeddings.npy"), "", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ds.Classes(), []string{"red cat", "고양이"}) || ds.Label(0) != 0 || ds.Label(11) != 1 {
		t.Errorf("%q, %d, %d", ds.Classes(), ds.Label(0), ds.Label(11))
	}
}

func TestFeatureParts(t *testing.T) {
	table := "label,split,camera\n"
	for i := range 12 {
		table += fmt.Sprintf("%s,%s,%d\n", []string{"a", "b", "c"}[i%3], []string{"train", "train", "test"}[i%3], i)
	}
	dir := write(t, map[string][]byte{"x.npy": numpyFile(t, "f4"), "mine.csv": []byte(table), "labels.npy": numpyFile(t, "labels_i8")})
	x := filepath.Join(dir, "x.npy")
	parts, err := data.FeatureParts(x, filepath.Join(dir, "mine.csv"), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cameras, _ := data.Cameras(parts.Test)
	if !slices.Equal(parts.Train.Classes(), []string{"a", "b"}) || !slices.Equal(cameras, []int{2, 5, 8, 11}) || picture(t, parts.Test, 1).Pixels[0] != 5 {
		t.Errorf("%q, cameras %v", parts.Train.Classes(), cameras)
	}
	ten := "label\n" + strings.Repeat("a\nb\nc\nd\ne\nf\n", 2)
	if err := os.WriteFile(filepath.Join(dir, "mine.csv"), []byte(ten), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = data.FeatureParts(x, filepath.Join(dir, "mine.csv"), data.Options{}) // 6 classes: a fifth of them is 1
	expect(t, err, "has 6 classes with more than one image", "docs/data.md")
}

func TestBadFeatures(t *testing.T) {
	f4, i8 := numpyFile(t, "f4"), numpyFile(t, "labels_i8")
	nan := bytes.Clone(f4)
	copy(nan[len(nan)-4:], []byte{0, 0, 0xc0, 0x7f})
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"no features", map[string][]byte{"labels.npy": i8}, "no such file"},
		{"no labels", map[string][]byte{"x.npy": f4}, "there are no labels for"},
		{"an archive without labels", map[string][]byte{"x.npy": []byte("PK\x03\x04 and more")}, "save its array by numpy.save"},
		{"no labels: where they are looked for", map[string][]byte{"x.npy": f4}, "x_labels.npy, x-labels.npy"},
		{"two files of labels", map[string][]byte{"x.npy": f4, "labels.npy": i8, "x.csv": []byte("label\n1\n")}, "several labels"},
		{"an archive", map[string][]byte{"x.npy": []byte("PK\x03\x04 and more"), "labels.npy": i8}, "no NumPy file"},
		{"labels for features", map[string][]byte{"x.npy": i8, "labels.npy": i8}, "shape [12]"},
		{"features for labels", map[string][]byte{"x.npy": f4, "labels.npy": f4}, "of the shape [n], not an array"},
		{"not a number", map[string][]byte{"x.npy": nan, "labels.npy": i8}, "row 11, column 4 (from 0) is NaN"},
		{"cut", map[string][]byte{"x.npy": f4[:len(f4)-4], "labels.npy": i8}, "it is cut, or damaged"},
		{"big end first", map[string][]byte{"x.npy": numpyFile(t, "big"), "labels.npy": i8}, "little end first"},
		{"labels that are objects", map[string][]byte{"x.npy": f4, "labels.npy": numpyFile(t, "objects")}, "'|O'"},
		{"fewer labels than rows", map[string][]byte{"x.npy": f4, "x.csv": []byte("label\n1\n2\n")}, "has 12 rows, and"},
		{"empty label", map[string][]byte{"x.npy": f4, "x.csv": []byte("label,id\n,2\n")}, "x.csv, line 2: the label is empty"},
		{"unknown part", map[string][]byte{"x.npy": f4, "x.csv": []byte("label,split\n1,tarin\n")}, `x.csv, line 2: "tarin" names no`},
		{"two columns of classes", map[string][]byte{"x.npy": f4, "x.csv": []byte("class,Class\n1,2\n")}, "two columns"},
		{"several labels of an export", map[string][]byte{"x.npy": f4, "images.csv": []byte("class\ncat;outdoor\n")}, "may be several labels"},
		{"camera in words", map[string][]byte{"x.npy": f4, "x.csv": []byte("label,camera\n1,left\n")}, "x.csv, line 2: a camera is a whole"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.FeatureParts(filepath.Join(write(t, c.files), "x.npy"), "", data.Options{})
			expect(t, err, "data: ", c.want)
		})
	}
}

// TestForgedNPY: what a head declares is not believed.
func TestForgedNPY(t *testing.T) {
	forge := func(head string, body ...byte) []byte {
		return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8)), append([]byte(head), body...)...)
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"larger than its product holds", forge("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n"), "more than its"},
		{"no content", forge("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n"), "has 0 bytes"},
		{"record", forge("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n"), "head of the NumPy"},
		{"cut head", []byte("\x93NUMPY\x01\x00\xff\x7f{"), "unexpected EOF"},
		{"large head", []byte("\x93NUMPY\x02\x00\x00\x00\x00\x01{"), "a head of 16777216"},
		{"float of no bytes", forge("{'descr': '<f0', 'fortran_order': False, 'shape': (2,), }\n"), "declares f0"},
		{"bytes", forge("{'descr': '<S4', 'fortran_order': False, 'shape': (1,), }\n", 1, 2, 3, 4), "unsupported NumPy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := data.ReadNPY(c.raw)
			expect(t, err, c.want)
		})
	}
}

func FuzzNPY(f *testing.F) {
	for _, name := range []string{"f2", "fortran", "labels_text", "labels_u1", "objects"} {
		f.Add(numpyFile(f, name))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if n, err := data.ReadNPY(raw); err == nil && n > len(raw) {
			t.Fatalf("%d numbers of %d bytes", n, len(raw))
		}
	})
}
