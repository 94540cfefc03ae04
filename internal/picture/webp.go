package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"iter"
	"math"

	"golang.org/x/image/webp"
)

func isWebP(raw []byte) bool {
	return len(raw) >= 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP"
}

// riffChunks gives the chunks of a WebP file, or of a frame in it. After one of odd length there is a byte of padding; the last may be cut.
func riffChunks(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(raw) >= 8 {
			length := int(binary.LittleEndian.Uint32(raw[4:]))
			kind, rest := string(raw[:4]), raw[8:]
			if !yield(kind, rest[:min(length, len(rest))]) {
				return
			}
			raw = rest[min(length+length%2, len(rest)):]
		}
	}
}

// uint24 reads a number of three bytes.
func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// lookWebP reads the size from the first chunk. There is no gray WebP. A lossless one is decoded in two copies of four bytes per pixel, and
// so may be the transparency of a lossy one.
func lookWebP(raw []byte) (Head, error) {
	for kind, body := range riffChunks(raw[12:]) {
		switch {
		case len(body) < 10:
			return Head{}, errShort
		case kind == "VP8X":
			return head(uint24(body[4:])+1, uint24(body[7:])+1, false, 8), nil
		case kind == "VP8 ":
			return head(int(binary.LittleEndian.Uint16(body[6:]))&0x3fff, int(binary.LittleEndian.Uint16(body[8:]))&0x3fff, false, 1.5), nil
		case kind == "VP8L":
			size := binary.LittleEndian.Uint32(body[1:])
			return head(int(size&0x3fff)+1, int(size>>14&0x3fff)+1, false, 8), nil
		}
		return Head{}, refuse("the WebP is damaged: it does not begin with its picture, get it anew")
	}
	return Head{}, errShort
}

// decodeWebP decodes the picture, or the first frame of an animation. The decoder gets a file of nothing else: it does not read
// animations, nor files whose other chunks are not as it expects them.
func decodeWebP(raw []byte, h Head) (Picture, error) {
	p := Picture{Screen: image.Rect(0, 0, h.Width, h.Height), Orientation: 1}
	var frame, alpha, coded []byte // the first frame of an animation; the parts of a picture
	kind, size := "", p.Screen.Max
	pick := func(of string, body []byte) {
		switch {
		case of == "ALPH" && alpha == nil && coded == nil:
			alpha = body
		case (of == "VP8 " || of == "VP8L") && coded == nil:
			kind, coded = of, body
		}
	}
	for of, body := range riffChunks(raw[12:]) {
		switch of {
		case "EXIF":
			p.Orientation = orientation(body)
		case "ANMF":
			if frame == nil {
				frame = body
			}
		default:
			pick(of, body)
		}
	}
	place := image.Point{}
	if coded == nil && len(frame) >= 16 {
		place = image.Pt(2*uint24(frame), 2*uint24(frame[3:]))
		size = image.Pt(uint24(frame[6:])+1, uint24(frame[9:])+1)
		for of, body := range riffChunks(frame[16:]) {
			pick(of, body)
		}
	}
	if covers := (image.Rectangle{Min: place, Max: place.Add(size)}); coded == nil || !covers.In(p.Screen) {
		return Picture{}, io.ErrUnexpectedEOF
	}
	decoded, err := webp.Decode(bytes.NewReader(still(kind, size, alpha, coded)))
	if err != nil {
		return Picture{}, err
	}
	if kind == "VP8 " {
		fullRange(decoded)
	}
	p.Image, p.Screen = decoded, p.Screen.Sub(place) // the frame stays at 0, 0
	return p, nil
}

// still returns a WebP file of one picture and no more.
func still(kind string, size image.Point, alpha, coded []byte) []byte {
	chunk := func(file []byte, kind string, body []byte) []byte {
		file = binary.LittleEndian.AppendUint32(append(file, kind...), uint32(len(body)))
		file = append(file, body...)
		return append(file, make([]byte, len(body)%2)...)
	}
	about := make([]byte, 10)
	if alpha != nil && kind == "VP8 " {
		about[0] = 1 << 4
	}
	for i := range 3 {
		about[4+i], about[7+i] = byte((size.X-1)>>(8*i)), byte((size.Y-1)>>(8*i))
	}
	file := chunk([]byte("WEBP"), "VP8X", about)
	if about[0] != 0 {
		file = chunk(file, "ALPH", alpha)
	}
	return chunk(nil, "RIFF", chunk(file, kind, coded))
}

// fullRange spreads the values of a lossy WebP picture, which lie from 16 to 235 (colours to 240), over all of a byte, as
// image.YCbCr has them. The decoder leaves them as they are in the file, which makes a picture pale.
func fullRange(decoded image.Image) {
	var m *image.YCbCr
	switch decoded := decoded.(type) {
	case *image.YCbCr:
		m = decoded
	case *image.NYCbCrA:
		m = &decoded.YCbCr
	}
	spread := func(plane []uint8, zero, span, to float64) { // zero goes to to
		var table [256]uint8
		for v := range table {
			table[v] = uint8(min(max(math.Round((float64(v)-zero)*255/span+to), 0), 255))
		}
		for i, v := range plane {
			plane[i] = table[v]
		}
	}
	spread(m.Y, 16, 219, 0)
	spread(m.Cb, 128, 224, 128)
	spread(m.Cr, 128, 224, 128)
}
