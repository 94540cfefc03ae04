package data_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// TestMATSizes: annotations that unpack to more than those of Cars have, or declare more than they have.
func TestMATSizes(t *testing.T) {
	head := append(bytes.Repeat([]byte(" "), 124), 0, 1, 'I', 'M')
	element := func(kind uint32, content []byte) []byte {
		raw := binary.LittleEndian.AppendUint32(nil, kind)
		return append(binary.LittleEndian.AppendUint32(raw, uint32(len(content))), content...)
	}
	cells := func(count uint32) []byte {
		flags := element(6, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		shape := element(5, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, count), 1))
		return element(14, slices.Concat(flags, shape, element(1, nil)))
	}
	zipped := func(raw []byte) []byte { return element(15, deflated(t, raw)) }
	for name, raw := range map[string][]byte{
		"one that unpacks to 64 MB": slices.Concat(head, zipped(make([]byte, 1<<26))),
		"many of 8 MB":              slices.Concat(head, bytes.Repeat(zipped(element(1, make([]byte, 1<<23))), 50)),
		"2^30 cells":                slices.Concat(head, cells(1<<30)),
		"2^24 cells":                slices.Concat(head, cells(1<<24)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _, err := data.CarList(raw)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<28 {
			t.Errorf("%s: %v, and %d MB", name, err, took>>20)
		}
	}
}

func deflated(t testing.TB, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, err := w.Write(raw)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
