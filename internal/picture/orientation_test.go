package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"slices"
	"testing"

	"github.com/unipair/unipair/internal/picture"
)

// exif is an EXIF block with an orientation: its number as a type of so many bytes, in an order.
func exif(order binary.AppendByteOrder, kind, count, n int) []byte {
	out := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM")
	}
	out = order.AppendUint32(order.AppendUint16(out, 42), 8)
	out = order.AppendUint16(out, 2) // tags, of which the other is Make, a text
	out = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(out, 271), 2), 4), "abc\x00"...)
	out = order.AppendUint32(order.AppendUint16(order.AppendUint16(out, 274), uint16(kind)), uint32(count))
	var value []byte
	switch kind {
	case 1:
		value = []byte{byte(n)}
	case 3:
		value = order.AppendUint16(nil, uint16(n))
	default:
		value = order.AppendUint32(nil, uint32(n))
	}
	out = append(out, append(value, 0, 0, 0)[:4]...)
	return append(out, 0, 0, 0, 0)
}

// pngChunk is a chunk of a PNG file.
func pngChunk(kind string, body []byte) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	out = append(out, body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// riff is a chunk of a WebP file.
func riff(kind string, body []byte) []byte {
	out := append([]byte(kind), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...)
	return append(append(out, body...), make([]byte, len(body)%2)...)
}

// parts are the chunks of a WebP file by their names.
func parts(raw []byte) map[string][]byte {
	found := map[string][]byte{}
	for raw = raw[12:]; len(raw) >= 8; {
		n := int(binary.LittleEndian.Uint32(raw[4:]))
		found[string(raw[:4])] = raw[8 : 8+n]
		raw = raw[min(8+n+n%2, len(raw)):]
	}
	return found
}

// webp puts a picture of testdata into a file with a profile of a length, and EXIF data.
func webp(base string, profile, more int, exif []byte) []byte {
	of := parts(testdata(base))
	about := []byte{1 << 3, 0, 0, 0, 63, 0, 0, 31, 0, 0}
	var chunks []byte
	if profile > 0 {
		about[0] |= 1 << 5
		chunks = riff("ICCP", make([]byte, profile))
	}
	if alpha := of["ALPH"]; alpha != nil {
		about[0] |= 1 << 4
		chunks = append(chunks, riff("ALPH", alpha)...)
	}
	for _, kind := range []string{"VP8 ", "VP8L"} {
		if coded := of[kind]; coded != nil {
			chunks = append(chunks, riff(kind, append(bytes.Clone(coded), make([]byte, more)...))...)
		}
	}
	chunks = slices.Concat([]byte("WEBP"), riff("VP8X", about), chunks, riff("EXIF", exif))
	return riff("RIFF", chunks)
}

// carriers put EXIF data into a picture of 64 × 32 pixels, in each way that there is.
func carriers() map[string]func(block []byte) []byte {
	photo, drawing := written("jpeg", quarters(64, 32)), written("png", quarters(64, 32))
	marked := func(block []byte) []byte { return append([]byte("Exif\x00\x00"), block...) }
	segment := func(body []byte) []byte {
		return append([]byte{0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	}
	all := map[string]func(block []byte) []byte{
		"jpeg": func(block []byte) []byte { return slices.Concat(photo[:2], segment(marked(block)), photo[2:]) },
		"jpeg, after XMP": func(block []byte) []byte {
			return slices.Concat(photo[:2], segment([]byte("http://ns.adobe.com/xap/1.0/\x00<x/>")), segment(marked(block)), photo[2:])
		},
		"jpeg, before another": func(block []byte) []byte {
			other := marked(exif(binary.LittleEndian, 3, 1, 5))
			return slices.Concat(photo[:2], segment(marked(block)), segment(other), photo[2:])
		},
		"png, before its data": func(block []byte) []byte {
			return slices.Concat(drawing[:33], pngChunk("eXIf", block), drawing[33:])
		},
		"png, after its data": func(block []byte) []byte {
			at := len(drawing) - 12
			return slices.Concat(drawing[:at], pngChunk("eXIf", block), drawing[at:])
		},
		"png, with JPEG's mark": func(block []byte) []byte {
			return slices.Concat(drawing[:33], pngChunk("eXIf", marked(block)), drawing[33:])
		},
	}
	for _, base := range []string{"quarters_lossy.webp", "quarters_lossless.webp", "quarters_alpha.webp"} {
		for _, profile := range []int{0, 12, 13} {
			for more := range 2 { // a byte more, and the picture's chunk has an odd length
				all[fmt.Sprintf("%s, profile %d, more %d", base, profile, more)] = func(block []byte) []byte { return webp(base, profile, more, block) }
			}
		}
	}
	all["webp, with JPEG's mark"] = func(block []byte) []byte { return webp("quarters_lossy.webp", 0, 0, marked(block)) }
	return all
}

// TestOrientation tries each number × how it is written × where.
func TestOrientation(t *testing.T) {
	for name, file := range carriers() {
		for n := range 10 {
			want := n
			if n == 0 || n == 9 {
				want = 1
			}
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				for _, kind := range []int{1, 3, 4} { // BYTE, SHORT, LONG
					if _, p := shown(t, file(exif(order, kind, 1, n))); p.Orientation != want || p.Screen != image.Rect(0, 0, 64, 32) {
						t.Errorf("%s, %v, type %d: %d is read as %d, of %v", name, order, kind, n, p.Orientation, p.Screen)
					}
				}
			}
		}
		whole := exif(binary.BigEndian, 3, 1, 6)
		for what, block := range map[string][]byte{
			"none": nil, "a byte": {'M'}, "zeros": make([]byte, 40), "words": []byte("no numbers at all, but long enough"),
			"two numbers": exif(binary.LittleEndian, 3, 2, 6), "more numbers than there are bytes": exif(binary.LittleEndian, 4, 1<<30, 6),
			"a text": exif(binary.LittleEndian, 2, 1, 6), "a huge number": exif(binary.BigEndian, 4, 1, 1<<31), "cut": whole[:len(whole)-20],
			"tags without end": append([]byte("MM\x00*\x00\x00\x00\x08\xff\xff"), make([]byte, 20)...),
			"tags nowhere":     append([]byte("MM\x00*\xff\xff\xff\xff"), make([]byte, 20)...),
		} {
			if _, p := shown(t, file(block)); p.Orientation != 1 {
				t.Errorf("%s, EXIF is %s: %d", name, what, p.Orientation)
			}
		}
	}
}

// TestOrientationOfTIFF: its own directory says it.
func TestOrientationOfTIFF(t *testing.T) {
	for n := range 10 {
		for _, high := range []bool{false, true} {
			for _, kind := range []int{1, 3, 4} {
				f := tif{width: 4, height: 2, bits: 8, samples: 1, colour: 1, high: high, orientation: n + 1, orientationKind: kind, values: make([]int, 8)}
				p, err := picture.Decode(f.file())
				if want := map[int]int{0: 1, 9: 1}[n] + map[bool]int{true: n}[n > 0 && n < 9]; err != nil || p.Orientation != want {
					t.Errorf("%d as type %d is read as %d, %v", n, kind, p.Orientation, err)
				}
			}
		}
	}
}

// grayAlpha is a PNG of one pixel: black, half transparent.
func grayAlpha() []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	must(w.Write([]byte{0, 0, 128}))
	must(0, w.Close())
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 4, 0, 0, 0}),
		pngChunk("IDAT", packed.Bytes()), pngChunk("IEND", nil))
}
