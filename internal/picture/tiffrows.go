package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"math/bits"

	"golang.org/x/image/tiff"
)

// unpack gives the rows of bytes of each plane, in which tiles lie side by side. The decoder gets the file with a header by which each
// plane is a gray picture of a byte a pixel: that is what it reads of every kind.
func (s stored) unpack(raw []byte) (planes []*image.Gray, err error) {
	offsets, counts := s.all(stripOffsets), s.all(stripByteCounts)
	if s.tiled {
		offsets, counts = s.all(tileOffsets), s.all(tileByteCounts)
	}
	tiles := s.across() * s.down()
	if len(offsets) < tiles*s.planes || len(counts) < tiles*s.planes {
		return nil, io.ErrUnexpectedEOF
	}
	for i, at := range offsets {
		if at > len(raw) || i < len(counts) && counts[i] > len(raw)-at {
			return nil, io.ErrUnexpectedEOF
		}
	}
	if s.first(fillOrder, 1) == 2 { // a byte begins with its lowest bit
		raw = bytes.Clone(raw)
		for i, b := range raw {
			raw[i] = bits.Reverse8(b)
		}
	}
	for p := range s.planes {
		decoded, err := tiff.Decode(s.plain(raw, offsets[p*tiles:(p+1)*tiles], counts[p*tiles:(p+1)*tiles]))
		if err != nil {
			return nil, err
		}
		rows := decoded.(*image.Gray)
		if s.first(predictor, 1) == 2 {
			s.sum(rows)
		}
		planes = append(planes, rows)
	}
	return planes, nil
}

// plain gives a file another header and directory: of gray bytes in the same tiles.
func (s stored) plain(raw []byte, offsets, counts []int) *reheaded {
	tags := []tag{
		{imageWidth, []int{s.rowBytes() * s.across()}}, {imageLength, []int{s.height}}, {bitsPerSample, []int{8}},
		{compression, []int{s.first(compression, 1)}}, {photometric, []int{blackIsZero}},
		{stripOffsets, offsets}, {rowsPerStrip, []int{s.tile.Y}}, {stripByteCounts, counts},
	}
	if s.tiled {
		tags[1].values = []int{s.tile.Y * s.down()}
		tags = append(tags[:5], tag{tileWidth, []int{s.rowBytes()}}, tag{tileLength, []int{s.tile.Y}}, tag{tileOffsets, offsets}, tag{tileByteCounts, counts})
	}
	order := binary.LittleEndian
	file := &reheaded{middle: raw}
	table := order.AppendUint16(nil, uint16(len(tags)))
	for _, t := range tags {
		const long = 4
		table = order.AppendUint16(order.AppendUint16(table, t.number), long)
		table = order.AppendUint32(table, uint32(len(t.values)))
		if len(t.values) == 1 {
			table = order.AppendUint32(table, uint32(t.values[0]))
			continue
		}
		table = order.AppendUint32(table, uint32(len(raw)+len(file.end)))
		for _, v := range t.values {
			file.end = order.AppendUint32(file.end, uint32(v))
		}
	}
	file.begin = order.AppendUint32([]byte("II*\x00"), uint32(len(raw)+len(file.end)))
	file.end = append(file.end, table...)
	return file
}

// tag is a tag of a directory with its numbers.
type tag struct {
	number uint16
	values []int
}

// reheaded is a file with another beginning, and more at its end.
type reheaded struct{ begin, middle, end []byte }

// ReadAt implements [io.ReaderAt], by which the decoder reads.
func (f *reheaded) ReadAt(p []byte, at int64) (n int, err error) {
	for _, part := range []struct {
		bytes []byte
		at    int
	}{{f.begin, 0}, {f.middle[len(f.begin):], len(f.begin)}, {f.end, len(f.middle)}} {
		if from := int(at) + n - part.at; from >= 0 && from < len(part.bytes) {
			n += copy(p[n:], part.bytes[from:])
		}
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Read implements [io.Reader], which the decoder asks for and does not use.
func (f *reheaded) Read([]byte) (int, error) { return 0, io.EOF }

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
