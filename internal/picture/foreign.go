package picture

import (
	"bytes"
	"encoding/binary"
)

// begins tests how files begin.
func begins(with ...string) func(raw []byte) bool {
	return func(raw []byte) bool {
		for _, magic := range with {
			if bytes.HasPrefix(raw, []byte(magic)) {
				return true
			}
		}
		return false
	}
}

// foreign names what a file is that is no picture of a kind that is read, or is empty.
func foreign(raw []byte) string {
	for _, kind := range []struct {
		name string
		is   func(raw []byte) bool
	}{
		{"a JPEG XL picture", begins("\xff\x0a", "\x00\x00\x00\x0cJXL \r\n\x87\n")},
		{"a JPEG 2000 picture", begins("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")},
		{"an AVIF picture", brand("avif", "avis")},
		{"an HEIC picture", brand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")},
		{"a JPEG XR picture", begins("II\xbc\x01")},
		{"a Photoshop picture", begins("8BPS")},
		{"an OpenEXR picture", begins("\x76\x2f\x31\x01")},
		{"a picture of floating-point numbers (PFM)", begins("PF\n", "Pf\n")},
		{"a PAM picture", begins("P7\n")},
		{"a QOI picture", begins("qoif")},
		{"an icon (ICO)", begins("\x00\x00\x01\x00")},
		{"a PDF document", begins("%PDF-")},
		{"a drawing (SVG)", begins("<svg")},
		{"a TGA picture", isTGA},
	} {
		if kind.is(raw) {
			return kind.name
		}
	}
	return ""
}

// brand tests for a file in ISO's container for media, by what it says that it is.
func brand(names ...string) func(raw []byte) bool {
	return func(raw []byte) bool {
		return len(raw) >= 12 && string(raw[4:8]) == "ftyp" && begins(names...)(raw[8:])
	}
}

// isTGA goes by every number of the header that has few values: a TGA file has no mark of its own.
func isTGA(raw []byte) bool {
	if len(raw) < 18 {
		return false
	}
	width, height := binary.LittleEndian.Uint16(raw[12:]), binary.LittleEndian.Uint16(raw[14:])
	table, kind, bits, about := raw[1], raw[2], raw[16], raw[17]
	indexed := kind == 1 || kind == 9
	plain := kind == 2 || kind == 3 || kind == 10 || kind == 11
	return (indexed && table == 1 || plain && table <= 1) && width > 0 && height > 0 && about&0xc0 == 0 &&
		(bits == 8 || bits == 15 || bits == 16 || bits == 24 || bits == 32)
}
