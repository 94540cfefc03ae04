package picture

import (
	"encoding/binary"
	"image/color"
	"io"
)

// bitmap is the header of a BMP file.
type bitmap struct {
	width, height int
	topDown       bool
	bits, packing int
	masks         [4]uint32 // where red, green, blue and alpha are in a pixel without a palette
	palette       color.Palette
	at            int // where the pixels begin
}

// The ways a BMP packs its pixels.
const (
	plainBMP = 0
	runs8    = 1
	runs4    = 2
	masked   = 3
	maskedA  = 6
)

func readBitmap(raw []byte) (b bitmap, err error) {
	order := binary.LittleEndian
	if len(raw) < 26 {
		return b, errShort
	}
	length := int(order.Uint32(raw[14:]))
	b.at = int(order.Uint32(raw[10:]))
	if length != 12 && (length < 16 || length > 124) {
		return b, refuse("this is a BMP whose header has %d bytes, which is not read: save it as PNG", length)
	}
	header := make([]byte, 124) // what a shorter one does not have is 0
	copy(header, raw[14:min(14+length, len(raw))])
	colours, entry := 0, 4 // of the palette; a colour has so many bytes
	if length == 12 {      // OS/2
		b.width, b.height = int(order.Uint16(header[4:])), int(order.Uint16(header[6:]))
		b.bits, entry = int(order.Uint16(header[10:])), 3
	} else {
		b.width, b.height = int(int32(order.Uint32(header[4:]))), int(int32(order.Uint32(header[8:])))
		b.bits, b.packing = int(order.Uint16(header[14:])), int(order.Uint32(header[16:]))
		colours = int(order.Uint32(header[32:]))
	}
	if b.height < 0 {
		b.height, b.topDown = -b.height, true
	}
	after := 14 + length
	if b.packing == masked || b.packing == maskedA {
		if length == 40 { // then they follow the header
			after += 12
			if b.packing == maskedA {
				after += 4
			}
			copy(header[40:56], raw[min(54, len(raw)):min(after, len(raw))])
		}
		for i := range b.masks {
			b.masks[i] = order.Uint32(header[40+4*i:])
		}
	} else if b.bits == 16 {
		b.masks = [4]uint32{31 << 10, 31 << 5, 31, 0}
	} else {
		b.masks = [4]uint32{255 << 16, 255 << 8, 255, 0}
		if length > 40 {
			b.masks[3] = 255 << 24
		}
	}
	switch {
	case len(raw) < after:
		return b, errShort
	case b.packing == runs8 && b.bits == 8, b.packing == runs4 && b.bits == 4,
		(b.packing == masked || b.packing == maskedA) && (b.bits == 16 || b.bits == 32):
	case b.packing == 4 || b.packing == 5:
		return b, refuse("this is a BMP with a %s in it, which is not read: save it as such", [2]string{"JPEG", "PNG"}[b.packing-4])
	case b.packing != plainBMP, b.bits != 1 && b.bits != 2 && b.bits != 4 && b.bits != 8 && b.bits != 16 && b.bits != 24 && b.bits != 32:
		return b, refuse("this is a BMP of %d bits a pixel packed by method %d, which is not read: save it as PNG", b.bits, b.packing)
	}
	if b.bits <= 8 {
		if colours == 0 || colours > 1<<b.bits {
			colours = 1 << b.bits
		}
		if b.at > after { // some write fewer colours than they say
			colours = min(colours, (b.at-after)/entry)
		}
		if len(raw) < after+colours*entry {
			return b, errShort
		}
		for i := range colours {
			c := raw[after+i*entry:]
			b.palette = append(b.palette, color.RGBA{c[2], c[1], c[0], 255})
		}
		after += colours * entry
	}
	if b.at == 0 {
		b.at = after
	}
	return b, nil
}

func lookBMP(raw []byte) (Head, error) {
	b, err := readBitmap(raw)
	if err != nil {
		return Head{}, err
	}
	h := head(b.width, b.height, false, 4)
	if h.Unsure = b.bits <= 8; h.Unsure {
		h = Head{Width: b.width, Height: b.height, Unsure: true, Bytes: h.Bytes / 4}
	}
	return h, nil
}

func decodeBMP(raw []byte, h Head) (Picture, error) {
	b, err := readBitmap(raw)
	if err != nil {
		return Picture{}, err
	}
	if b.at > len(raw) {
		return Picture{}, io.ErrUnexpectedEOF
	}
	p := Picture{Orientation: 1}
	switch pixels := raw[b.at:]; {
	case b.packing == runs4 || b.packing == runs8:
		p.Image, err = b.unpackRuns(pixels)
	case b.bits <= 8:
		p.Image, err = b.indexed(pixels)
	default:
		p.Image, err = b.coloured(pixels)
	}
	return p, err
}
