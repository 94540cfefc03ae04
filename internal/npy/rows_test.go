package npy_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/npy"
)

// written writes a matrix of 0, 1, 2 and so on under a head.
func written(t *testing.T, count, dim int, change func(raw []byte) []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := npy.WriteHead(&out, count, dim); err != nil {
		t.Fatal(err)
	}
	if out.Len()%64 != 0 {
		t.Errorf("numbers begin at %d", out.Len())
	}
	raw := out.Bytes()
	for i := range count * dim {
		raw, _ = binary.Append(raw, binary.LittleEndian, float32(i))
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := os.WriteFile(path, change(raw), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func same(raw []byte) []byte { return raw }

// Rows are those of the file wherever one begins, beyond a piece that is read at once too, and those of the whole array.
func TestRows(t *testing.T) {
	const count, dim = 1000, 300
	path := written(t, count, dim, same)
	rows, err := npy.OpenRows(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	array, opened, err := npy.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	whole, _, err := array.Numbers()
	if err != nil || rows.Count != count || rows.Dim != dim {
		t.Fatal(rows, err)
	}
	for _, span := range [][2]int{{0, count}, {0, 1}, {999, 1}, {3, 500}, {5, 0}} {
		got := make([]float32, span[1]*dim)
		if err := rows.Read(span[0], got); err != nil || !slices.Equal(got, whole[span[0]*dim:(span[0]+span[1])*dim]) {
			t.Errorf("rows %v: %v", span, err)
		}
	}
	for _, wrong := range []struct{ first, numbers int }{{-1, dim}, {999, 2 * dim}, {0, dim - 1}, {1001, 0}} {
		if err := rows.Read(wrong.first, make([]float32, wrong.numbers)); err == nil {
			t.Errorf("%+v was read", wrong)
		}
	}
}

func TestRowsRefuses(t *testing.T) {
	replace := func(old, new string) func([]byte) []byte {
		return func(raw []byte) []byte { return bytes.Replace(raw, []byte(old), []byte(new), 1) }
	}
	for want, change := range map[string]func([]byte) []byte{
		"want rows of float32":   replace("<f4", "<i4"),
		"want rows of float32: ": replace("False", "True "),
		"of the shape [15]":      replace("(5, 3)", "(15,) "),
		"this is no NumPy file":  func([]byte) []byte { return []byte("hello, world") },
		"have no numbers":        func(raw []byte) []byte { return replace("(5, 3)", "(5, 0)")(raw[:len(raw)-60]) },
		"it is cut, or damaged":  func(raw []byte) []byte { return raw[:len(raw)-4] },
	} {
		if _, err := npy.OpenRows(written(t, 5, 3, change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	path := written(t, 5, 3, same)
	rows, err := npy.OpenRows(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if err := os.Truncate(path, 130); err != nil {
		t.Fatal(err)
	}
	if err := rows.Read(0, make([]float32, 15)); err == nil {
		t.Error("a file that was cut since was read")
	}
}
