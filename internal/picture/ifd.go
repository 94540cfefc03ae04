package picture

import (
	"bytes"
	"encoding/binary"
)

// directory is the first directory of a TIFF file, or of EXIF data, which has the same form: numbers by their tags. Nothing of it is
// copied until it is asked for.
type directory struct {
	order   binary.ByteOrder
	entries map[uint16]entry
}

type entry struct {
	kind uint16
	data []byte // empty where the file does not have it
}

// widths are the bytes of the kinds of whole numbers: BYTE, SHORT, LONG, and the same with a sign; IFD; and BigTIFF's.
var widths = map[uint16]int{1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}

// readDirectory reads it; BigTIFF differs in the widths of its own numbers.
func readDirectory(raw []byte) (d directory, err error) {
	if len(raw) < 16 {
		return d, errShort
	}
	d = directory{order: binary.LittleEndian, entries: map[uint16]entry{}}
	switch string(raw[:2]) {
	case "II":
	case "MM":
		d.order = binary.BigEndian
	default:
		return d, refuse("its numbers have no order")
	}
	width, counted, first := 4, 2, uint64(d.order.Uint32(raw[4:])) // of an offset, of the number of entries
	if d.order.Uint16(raw[2:]) == 43 {
		width, counted, first = 8, 8, d.order.Uint64(raw[8:])
	}
	wide := func(b []byte) uint64 {
		if width == 8 {
			return d.order.Uint64(b)
		}
		return uint64(d.order.Uint32(b))
	}
	if first > uint64(len(raw)) || len(raw)-int(first) < counted {
		return d, errShort
	}
	table := raw[first:]
	entries := uint64(d.order.Uint16(table))
	if counted == 8 {
		entries = d.order.Uint64(table)
	}
	table = table[counted:]
	length := 4 + 2*width // of an entry
	if entries > uint64(len(table)/length) {
		return d, errShort
	}
	for range entries {
		e := entry{kind: d.order.Uint16(table[2:])}
		count, value := wide(table[4:]), table[4+width:length]
		if one := uint64(widths[e.kind]); one > 0 && count <= uint64(len(raw)) {
			if size := one * count; size <= uint64(width) {
				e.data = value[:size]
			} else if at := wide(value); at <= uint64(len(raw)) && size <= uint64(len(raw))-at {
				e.data = raw[at : at+size]
			}
		}
		d.entries[d.order.Uint16(table)] = e
		table = table[length:]
	}
	return d, nil
}

// all returns the numbers of a tag, or the first ones where there are more than so many.
func (d directory) all(tag uint16, most int) []int {
	e := d.entries[tag]
	width := widths[e.kind]
	var out []int
	for data := e.data[:min(len(e.data), width*most)]; len(data) > 0; data = data[width:] {
		switch width {
		case 1:
			out = append(out, int(data[0]))
		case 2:
			out = append(out, int(d.order.Uint16(data)))
		case 4:
			out = append(out, int(d.order.Uint32(data)))
		case 8:
			out = append(out, int(min(d.order.Uint64(data), 1<<62)))
		}
	}
	return out
}

// first returns the first number of a tag, or what holds where there is none.
func (d directory) first(tag uint16, otherwise int) int {
	if one := d.all(tag, 1); len(one) > 0 {
		return one[0]
	}
	return otherwise
}

const exifMark = "Exif\x00\x00"

// orientation reads from EXIF data how the camera was held. A damaged block is taken for none: the picture itself can still be whole.
func orientation(block []byte) int {
	block = bytes.TrimPrefix(block, []byte(exifMark)) // some write it where it does not belong
	if len(block) < 16 {
		block = append(bytes.Clone(block), make([]byte, 16)...)
	}
	d, err := readDirectory(block)
	if err != nil {
		return 1
	}
	return d.orientation()
}

func (d directory) orientation() int {
	if all := d.all(274, 2); len(all) == 1 && all[0] >= 1 && all[0] <= 8 {
		return all[0]
	}
	return 1
}
