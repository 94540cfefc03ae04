package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/picture"
)

// TestMemory: decoding takes no more memory than the header says.
func TestMemory(t *testing.T) {
	const side = 720
	rows := make([]int, side*side)
	gray := image.NewGray(image.Rect(0, 0, side, side))
	deep := image.NewNRGBA64(gray.Rect)
	for name, raw := range map[string][]byte{
		"png": written("png", quarters(side, side)), "png, 16 bits": written("png", deep), "jpeg": written("jpeg", quarters(side, side)), "gray jpeg": written("jpeg", gray),
		"gif": written("gif", quarters(side, side)), "tiff": written("tiff", quarters(side, side)), "gray tiff": written("tiff", gray),
		"tiff, planar": tif{width: side, height: side / 3, bits: 8, samples: 3, colour: 2, planar: true, values: rows}.file(),
		"tiff, packed": tif{width: side, height: side, bits: 8, samples: 1, colour: 1, packing: 8, values: rows}.file(),
		"pgm":          append([]byte("P5 720 720 255\n"), gray.Pix...),
		"progressive":  progressive(side, 2),
	} {
		head, err := picture.Peek(picture.NewReader(bytes.NewReader(raw)), int64(len(raw)))
		if err != nil {
			t.Fatal(name, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := picture.Decode(raw); err != nil {
			t.Fatal(name, err)
		}
		runtime.ReadMemStats(&after)
		if took, room := int64(after.TotalAlloc-before.TotalAlloc), head.Bytes-int64(len(raw))+1<<20; took > room {
			t.Errorf("%s: decoding took %d kB, the header says %d", name, took>>10, room>>10)
		}
	}
}

// progressive is a gray JPEG of a side, a multiple of eight, in so many scans: the first says that no block differs from the one before,
// the others, in a few bytes, that nothing changes.
func progressive(side, scans int) []byte {
	segment := func(marker byte, body ...byte) []byte {
		return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	blocks := side / 8 * side / 8
	table := func(class, symbol byte) []byte { // of one code of one bit, 0
		return segment(0xc4, append(append([]byte{class, 1}, make([]byte, 15)...), symbol)...)
	}
	file := slices.Concat([]byte{0xff, 0xd8}, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(0xc2, 8, byte(side>>8), byte(side), byte(side>>8), byte(side), 1, 1, 0x11, 0), table(0, 0), table(0x10, 0xe0),
		segment(0xda, 1, 1, 0, 0, 0, 0), make([]byte, (blocks+7)/8))
	var bits string // of a scan: the ends of runs of blocks, each of at most 2^15 − 1
	for left := blocks; left > 0; left -= 1<<15 - 1 {
		run := min(left, 1<<15-1)
		bits += fmt.Sprintf("0%014b", max(run-1<<14, 0))
	}
	bits += strings.Repeat("1", (8-len(bits)%8)%8)
	scan := segment(0xda, 1, 1, 0, 1, 63, 0)
	for ; len(bits) > 0; bits = bits[8:] {
		b := byte(must(strconv.ParseUint(bits[:8], 2, 8)))
		scan = append(scan, b)
		if b == 0xff {
			scan = append(scan, 0)
		}
	}
	return slices.Concat(file, bytes.Repeat(scan, scans-1), []byte{0xff, 0xd9})
}

// TestScans: a JPEG may not go over its picture without end.
func TestScans(t *testing.T) {
	if _, err := picture.Decode(progressive(64, 90)); err != nil {
		t.Errorf("90 scans: %v", err)
	}
	_, err := picture.Decode(progressive(64, 5000))
	if err == nil || !strings.Contains(err.Error(), "5000 scans, at most 100") || !strings.Contains(err.Error(), "baseline") {
		t.Errorf("5000 scans: %v", err)
	}
}
