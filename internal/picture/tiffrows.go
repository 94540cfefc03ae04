package picture

import (
	"bytes"
	"compress/zlib"
	"image"
	"io"
	"math/bits"

	"golang.org/x/image/tiff/lzw"
)

// unpack gives the rows of bytes of each plane, in which tiles lie side by side.
func (s stored) unpack(raw []byte) (planes []*image.Gray, err error) {
	tiles := s.across() * s.down()
	offsets, counts := s.all(stripOffsets, tiles*s.planes), s.all(stripByteCounts, tiles*s.planes)
	if s.tiled {
		offsets, counts = s.all(tileOffsets, tiles*s.planes), s.all(tileByteCounts, tiles*s.planes)
	}
	if len(offsets) < tiles*s.planes || len(counts) < tiles*s.planes {
		return nil, io.ErrUnexpectedEOF
	}
	for p := range s.planes {
		rows := image.NewGray(image.Rect(0, 0, s.rowBytes()*s.across(), s.height))
		for tile := range tiles {
			at, count := offsets[p*tiles+tile], counts[p*tiles+tile]
			if at > len(raw) || count > len(raw)-at {
				return nil, io.ErrUnexpectedEOF
			}
			from, err := s.unpacked(raw[at : at+count])
			if err != nil {
				return nil, err
			}
			left, top := tile%s.across()*s.rowBytes(), tile/s.across()*s.tile.Y
			for y := top; y < min(top+s.tile.Y, s.height); y++ {
				if _, err := io.ReadFull(from, rows.Pix[y*rows.Stride+left:][:s.rowBytes()]); err != nil {
					return nil, err
				}
			}
		}
		if s.first(predictor, 1) == 2 {
			s.sum(rows)
		}
		planes = append(planes, rows)
	}
	return planes, nil
}

// unpacked reads the bytes of a tile.
func (s stored) unpacked(packed []byte) (io.Reader, error) {
	if s.first(fillOrder, 1) == 2 { // a byte begins with its lowest bit
		packed = bytes.Clone(packed)
		for i, b := range packed {
			packed[i] = bits.Reverse8(b)
		}
	}
	from := bytes.NewReader(packed)
	switch s.first(compression, 1) {
	case 5:
		return lzw.NewReader(from, lzw.MSB, 8), nil
	case 8, 32946:
		return zlib.NewReader(from)
	case runsOfBytes:
		return bytes.NewReader(packBits(packed, s.rowBytes()*s.tile.Y)), nil
	}
	return from, nil
}

// packBits unpacks runs of bytes, and bytes as they are, until there are enough.
func packBits(code []byte, enough int) []byte {
	var out []byte
	for len(code) > 1 && len(out) < enough {
		switch n := int(int8(code[0])); {
		case n >= 0:
			end := min(2+n, len(code))
			out, code = append(out, code[1:end]...), code[end:]
		case n == -128: // means nothing
			code = code[1:]
		default:
			out, code = append(out, bytes.Repeat(code[1:2], 1-n)...), code[2:]
		}
	}
	return out
}

// sum turns the differences of a predictor, each from the same sample of the pixel before in its tile, into values.
func (s stored) sum(rows *image.Gray) {
	pixel := s.samples / s.planes * s.bits / 8
	order := s.order
	for start := 0; start < len(rows.Pix); start += s.rowBytes() {
		row := rows.Pix[start : start+s.rowBytes()]
		if s.bits == 8 {
			for i := pixel; i < len(row); i++ {
				row[i] += row[i-pixel]
			}
			continue
		}
		for i := pixel; i+1 < len(row); i += 2 {
			order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-pixel:]))
		}
	}
}
