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

// TestBytes: a picture that takes too much memory, its file with it, is refused by its header, with the numbers.
func TestBytes(t *testing.T) {
	frame := func(marker byte, side int) []byte {
		return []byte{0xff, 0xd8, 0xff, marker, 0, 17, 8, byte(side >> 8), byte(side), byte(side >> 8), byte(side), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}
	}
	for _, c := range []struct {
		marker byte
		side   int
		size   int64
		says   string
	}{
		{0xc0, 8000, 0, ""}, {0xc2, 8000, 0, "8000 × 8000 pixels takes 915 MB to decode, more than 384"}, {0xc2, 5000, 0, ""}, // 3 and 15 bytes a pixel
		{0xc0, 8000, 256 << 20, "takes 439 MB"}, {0xc0, 5000, 256 << 20, ""},
	} {
		raw := frame(c.marker, c.side)
		_, err := picture.Peek(picture.NewReader(bytes.NewReader(raw)), c.size)
		if says := fmt.Sprint(err); c.says == "" && err != nil || c.says != "" && !strings.Contains(says, c.says) {
			t.Errorf("%x, %d², a file of %d bytes: %v, want %q", c.marker, c.side, c.size, err, c.says)
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

// TestScans: a JPEG may not go over its picture without end; a progressive one without its end may lack scans, and is refused.
func TestScans(t *testing.T) {
	if _, err := picture.Decode(progressive(64, 90)); err != nil {
		t.Errorf("90 scans: %v", err)
	}
	raw := progressive(64, 1)
	if _, err := picture.Decode(raw[:len(raw)-2]); err == nil {
		t.Error("a progressive JPEG without its end is read")
	}
	_, err := picture.Decode(progressive(64, 5000))
	if err == nil || !strings.Contains(err.Error(), "5000 scans, at most 100") || !strings.Contains(err.Error(), "baseline") {
		t.Errorf("5000 scans: %v", err)
	}
}
