package data_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

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
		ds, err := data.Features(filepath.Join(dir, "x.npy"), "", data.Options{})
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
		_, err := data.Features(filepath.Join(dir, "x.npy"), "", data.Options{})
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
		_, err := data.Features(filepath.Join(dir, "x.npy"), "", data.Options{})
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
		ds, err := data.Features(filepath.Join(dir, "x.npy"), "", data.Options{Progress: func(line string) { told = append(told, line) }})
		if err != nil || picture(t, ds, 0).Pixels[1] != float32(c.value) {
			t.Fatal(name, err)
		}
		if said := strings.Contains(strings.Join(told, "\n"), "x.npy: its numbers of 64 bits are rounded to 32"); said != c.told {
			t.Errorf("%s: told %q", name, told)
		}
	}
}
