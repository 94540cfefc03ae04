package picture

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"io"
	"iter"
	"strings"
)

const pngMark = 8 // bytes before the first chunk

// pngChunks gives the whole chunks of a PNG file, up to the last.
func pngChunks(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for i := pngMark; i+12 <= len(raw); {
			length := int(binary.BigEndian.Uint32(raw[i:]))
			if length > len(raw)-i-12 {
				return
			}
			kind := string(raw[i+4 : i+8])
			if !yield(kind, raw[i+8:i+8+length]) || kind == "IEND" {
				return
			}
			i += 12 + length
		}
	}
}

func lookPNG(raw []byte) (Head, error) {
	for kind, body := range pngChunks(raw) {
		switch {
		case kind == "CgBI":
			return Head{}, refuse("this is a PNG in Apple's own form (CgBI), which is not read: save it as an ordinary PNG")
		case kind != "IHDR" || len(body) != 13:
			return Head{}, refuse("the PNG is damaged: its header is none, get it anew")
		}
		width, height := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
		bits, kind, interlaced := body[8], body[9], body[12] == 1
		bytes := 4.
		switch {
		case bits == 16:
			bytes = 8
		case kind == 3:
			bytes = 1
		}
		if interlaced {
			bytes *= 1.5 // the last of the passes has half of the picture
		}
		h := head(int(width), int(height), kind == 0 || kind == 4, bytes)
		h.Unsure = kind == 3
		return h, nil
	}
	return Head{}, errShort
}

// pngEnd is the last chunk, which says nothing but that it is the last.
const pngEnd = "\x00\x00\x00\x00IEND\xae\x42\x60\x82"

// decodePNG decodes a file, whose own last chunk may be missing or damaged.
func decodePNG(raw []byte, h Head) (Picture, error) {
	p := Picture{Gray: h.Gray, Orientation: 1}
	end := pngMark
	for kind, body := range pngChunks(raw) {
		if kind == "eXIf" {
			p.Orientation = orientation(body)
		}
		if kind != "IEND" {
			end += 12 + len(body)
		}
	}
	var err error
	p.Image, err = png.Decode(io.MultiReader(bytes.NewReader(raw[:end]), strings.NewReader(pngEnd)))
	return p, err
}
