package data_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
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
			ds, err := data.FeatureSet(filepath.Join(dir, "x.npy"), "", data.Options{})
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

func TestFeatureParts(t *testing.T) {
	table := "label,split,camera\n"
	for i := range 12 {
		table += fmt.Sprintf("%s,%s,%d\n", []string{"a", "b", "c"}[i%3], []string{"train", "train", "test"}[i%3], i)
	}
	dir := write(t, map[string][]byte{"x.npy": numpyFile(t, "f4"), "mine.csv": []byte(table), "labels.npy": numpyFile(t, "labels_i8")})
	x := filepath.Join(dir, "x.npy")
	parts, err := data.Features(x, filepath.Join(dir, "mine.csv"), data.Options{})
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
	_, err = data.Features(x, filepath.Join(dir, "mine.csv"), data.Options{}) // 6 classes: a fifth of them is 1
	expect(t, err, "has 6 classes with more than one image", "docs/data.md")
}

// npy is an array as NumPy writes it, of the bytes of its elements.
func npy(kind, shape string, body ...byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, shape)
	head += strings.Repeat(" ", 117-len(head)) + "\n"
	return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), 0), append([]byte(head), body...)...)
}

// ofEach is the little-endian bytes of numbers.
func ofEach(t *testing.T, values any) []byte {
	t.Helper()
	return must(binary.Append(nil, binary.LittleEndian, values))
}

// Labels of each type that names classes are read as they are.
func TestKindsOfLabels(t *testing.T) {
	for kind, c := range map[string]struct {
		body []byte
		want []string
	}{
		"|b1": {[]byte{1, 0, 1}, []string{"True", "False", "True"}},
		"|S2": {[]byte("c0c1c\x00"), []string{"c0", "c1", "c"}},
		"|S3": {[]byte("é\x00한"), []string{"é", "한"}},
		"|i1": {[]byte{0xff, 0x80, 0x7f}, []string{"-1", "-128", "127"}},
		"|u1": {[]byte{0xff, 0x80, 0x7f}, []string{"255", "128", "127"}},
		"<i2": {ofEach(t, []int16{-1, math.MinInt16, 7}), []string{"-1", "-32768", "7"}},
		"<u2": {ofEach(t, []uint16{0, math.MaxUint16, 7}), []string{"0", "65535", "7"}},
		"<i4": {ofEach(t, []int32{-1, math.MinInt32, 7}), []string{"-1", "-2147483648", "7"}},
		"<u4": {ofEach(t, []uint32{0, math.MaxUint32, 7}), []string{"0", "4294967295", "7"}},
		"<i8": {ofEach(t, []int64{-1, math.MinInt64, 7}), []string{"-1", "-9223372036854775808", "7"}},
		"<u8": {ofEach(t, []uint64{0, math.MaxUint64, 7}), []string{"0", "18446744073709551615", "7"}},
		"=i8": {ofEach(t, []int64{1, 2, 3}), []string{"1", "2", "3"}},
		"<U2": {ofEach(t, []rune{'고', '양', 'a', 0, 'e', 0x301}), []string{"고양", "a", "é"}},
	} {
		x := npy("<f4", fmt.Sprintf("%d, 1", len(c.want)), make([]byte, 4*len(c.want))...)
		dir := write(t, map[string][]byte{"x.npy": x, "labels.npy": npy(kind, fmt.Sprint(len(c.want), ","), c.body...)})
		ds, err := data.FeatureSet(filepath.Join(dir, "x.npy"), "", data.Options{})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		for i, want := range c.want {
			if got := ds.Classes()[ds.Label(i)]; got != want {
				t.Errorf("%s: label %d is %q, want %q", kind, i, got, want)
			}
		}
	}
}

// Arrays that are not read are refused by what they are, with what to do.
func TestOtherKindsOfArrays(t *testing.T) {
	const text = "labels are whole numbers or text, not "
	for name, c := range map[string]struct {
		array []byte
		says  string
	}{
		"objects":    {npy("|O", "2,", 0x80, 4, '.'), text + "Python's objects ('|O'): save labels.astype(str)"},
		"float64":    {npy("<f8", "2,", ofEach(t, []float64{0, 1})...), text + "float64: save them as whole numbers, labels.astype('int64')"},
		"float16":    {npy("<f2", "2,", 0, 0, 0, 0), text + "float16: save them as whole numbers"},
		"float128":   {npy("<f16", "2,", make([]byte, 32)...), text + "float128: save them as whole numbers"},
		"complex64":  {npy("<c8", "2,", make([]byte, 16)...), text + "complex64: save labels.astype(str)"},
		"datetime64": {npy("<M8[ns]", "2,", make([]byte, 16)...), text + "datetime64: save labels.astype(str)"},
		"void":       {npy("|V3", "2,", make([]byte, 6)...), text + "'V3': save labels.astype(str)"},
		"big end":    {npy(">i4", "2,", make([]byte, 8)...), "big end first ('>i4'): save them with the little end first"},
		"big text":   {npy(">U1", "2,", make([]byte, 8)...), "big end first ('>U1')"},
		"a column":   {npy("<i4", "2, 1", make([]byte, 8)...), "of the shape [n], not an array of the shape [2 1]"},
		"latin-1":    {npy("|S1", "2,", 'a', 0xe9), "label 1 (from 0) has bytes that are no text in UTF-8: save labels.astype(str)"},
		"no letter":  {npy("<U1", "2,", ofEach(t, []int32{'a', 0xd800})...), "label 1 (from 0) has bytes that are no text"},
		"empty":      {npy("|S1", "2,", 'a', 0), "label 1 (from 0) is empty"},
		"long":       {npy("|S70000", "2,", make([]byte, 140000)...), "text of at most 64 kB"},
		"three":      {npy("|b1", "3,", 0, 0, 1), "has 2 rows, and"},
		"cut":        {npy("|b1", "2,", 0), "declares b1 of the shape (2,), and has 1 bytes for it"},
	} {
		dir := write(t, map[string][]byte{"x.npy": npy("<f4", "2, 1", make([]byte, 8)...), "labels.npy": c.array})
		_, err := data.FeatureSet(filepath.Join(dir, "x.npy"), "", data.Options{})
		if expect(t, err, "data: ", c.says); t.Failed() {
			t.Error(name)
		}
	}
	const floats = "features are floating point numbers of 16, 32 or 64 bits, not "
	for name, c := range map[string]struct {
		array []byte
		says  string
	}{
		"int8":      {npy("|i1", "2, 1", 1, 2), floats + "int8: save x.astype('float32')"},
		"uint64":    {npy("<u8", "2, 1", make([]byte, 16)...), floats + "uint64: save"},
		"bool":      {npy("|b1", "2, 1", 1, 0), floats + "bool: save"},
		"complex64": {npy("<c8", "2, 1", make([]byte, 16)...), floats + "complex64: save x.astype('float32') of their real and imaginary parts"},
		"float128":  {npy("<f16", "2, 1", make([]byte, 32)...), floats + "float128: save"},
		"objects":   {npy("|O", "2, 1", 0x80, 4, '.'), floats + "Python's objects ('|O'): save"},
		"text":      {npy("<U1", "2, 1", make([]byte, 8)...), floats + "text: save"},
		"one row":   {npy("<f4", "2,", make([]byte, 8)...), "of the shape [n, d], at least 1 each, not an array of the shape [2]"},
		"no row":    {npy("<f4", "0, 2"), "not an array of the shape [0 2]"},
		"large":     {npy("<f8", "2, 1", ofEach(t, []float64{1, 1e300})...), "row 1, column 0 (from 0) is 1e+300, and numbers are of 32 bits here, up to 3.4e+38: scale the features"},
		"-large":    {npy("<f8", "1, 2", ofEach(t, []float64{1, -3.5e38})...), "row 0, column 1 (from 0) is -3.5e+38, and numbers are of 32 bits"},
		"infinite":  {npy("<f8", "1, 2", ofEach(t, []float64{1, math.Inf(-1)})...), "row 0, column 1 (from 0) is -Inf, which is not finite"},
		"NaN":       {npy("<f2", "1, 2", 0, 0, 0, 0x7e), "row 0, column 1 (from 0) is NaN, which is not finite"},
		"archive":   {[]byte("PK\x03\x04 and more"), "an archive, as numpy.savez writes (.npz): save its array by numpy.save"},
	} {
		labels := "label\na\n"
		if bytes.Contains(c.array, []byte("(2, 1)")) {
			labels += "a\n"
		}
		dir := write(t, map[string][]byte{"x.npy": c.array, "labels.csv": []byte(labels)})
		_, err := data.FeatureSet(filepath.Join(dir, "x.npy"), "", data.Options{})
		if expect(t, err, "data: ", c.says); t.Failed() {
			t.Error(name)
		}
	}
}

// Numbers of 64 bits are rounded to 32, and that is said where it changes one.
func TestRoundedFeatures(t *testing.T) {
	for name, c := range map[string]struct {
		value float64
		told  bool
	}{"exact": {0.25, false}, "not exact": {0.1, true}} {
		var told []string
		dir := write(t, map[string][]byte{"x.npy": npy("<f8", "1, 2", ofEach(t, []float64{1, c.value})...), "labels.csv": []byte("label\na\n")})
		ds, err := data.FeatureSet(filepath.Join(dir, "x.npy"), "", data.Options{Progress: func(line string) { told = append(told, line) }})
		if err != nil || picture(t, ds, 0).Pixels[1] != float32(c.value) {
			t.Fatal(name, err)
		}
		if said := strings.Contains(strings.Join(told, "\n"), "x.npy: its numbers of 64 bits are rounded to 32"); said != c.told {
			t.Errorf("%s: told %q", name, told)
		}
	}
}

func TestBadFeatures(t *testing.T) {
	f4, i8 := numpyFile(t, "f4"), numpyFile(t, "labels_i8")
	nan := bytes.Clone(f4)
	copy(nan[len(nan)-4:], []byte{0, 0, 0xc0, 0x7f})
	for says, files := range map[string]map[string][]byte{
		"no such file":                       {"labels.npy": i8},
		"there are no labels for":            {"x.npy": f4},
		"x_labels.npy, x-labels.npy":         {"x.npy": f4},
		"several labels":                     {"x.npy": f4, "labels.npy": i8, "x.csv": []byte("label\n1\n")},
		"no NumPy file":                      {"x.npy": []byte("PK\x03\x04 and more"), "labels.npy": i8},
		"shape [12]":                         {"x.npy": i8, "labels.npy": i8},
		"of the shape [n], not an array":     {"x.npy": f4, "labels.npy": f4},
		"row 11, column 4 (from 0) is NaN":   {"x.npy": nan, "labels.npy": i8},
		"it is cut, or damaged":              {"x.npy": f4[:len(f4)-4], "labels.npy": i8},
		"little end first":                   {"x.npy": numpyFile(t, "big"), "labels.npy": i8},
		"'|O'":                               {"x.npy": f4, "labels.npy": numpyFile(t, "objects")},
		"has 12 rows, and":                   {"x.npy": f4, "x.csv": []byte("label\n1\n2\n")},
		"x.csv, line 2: the label is empty":  {"x.npy": f4, "x.csv": []byte("label,id\n,2\n")},
		`x.csv, line 2: "tarin" names no`:    {"x.npy": f4, "x.csv": []byte("label,split\n1,tarin\n")},
		"x.csv, line 2: a camera is a whole": {"x.npy": f4, "x.csv": []byte("label,camera\n1,left\n")},
	} {
		_, err := data.Features(filepath.Join(write(t, files), "x.npy"), "", data.Options{})
		expect(t, err, "data: ", says)
	}
}

// TestForgedNPY: what a head declares is not believed.
func TestForgedNPY(t *testing.T) {
	forge := func(head string, body ...byte) []byte {
		return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8)), append([]byte(head), body...)...)
	}
	for says, raw := range map[string][]byte{
		"more than its":      forge("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n"),
		"has 0 bytes":        forge("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n"),
		"head of the NumPy":  forge("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n"),
		"unexpected EOF":     []byte("\x93NUMPY\x01\x00\xff\x7f{"),
		"a head of 16777216": []byte("\x93NUMPY\x02\x00\x00\x00\x00\x01{"),
		"declares f0":        forge("{'descr': '<f0', 'fortran_order': False, 'shape': (2,), }\n"),
		"unsupported NumPy":  forge("{'descr': '<S4', 'fortran_order': False, 'shape': (1,), }\n", 1, 2, 3, 4),
	} {
		_, err := data.ReadNPY(raw)
		expect(t, err, says)
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
