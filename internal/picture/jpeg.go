package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"io"
	"iter"
	"strings"
)

// mostScans bounds how often a JPEG may go over its picture; the usual progressive ones do it ten times. A scan can cost a byte or two of
// the file and yet touch every pixel.
const mostScans = 100

// segments gives the parts of a JPEG file by their markers, up to the end of its first picture. What is no part is passed over.
func segments(raw []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for i := 2; ; {
			at := bytes.IndexByte(raw[i:], 0xff)
			if at < 0 {
				return
			}
			for i += at; i < len(raw) && raw[i] == 0xff; i++ { // any number of them may stand before a marker
			}
			if i+3 > len(raw) || raw[i] == 0xd9 {
				return
			}
			marker := raw[i]
			i++
			if marker <= 1 || marker >= 0xd0 && marker <= 0xd8 { // a byte of data, or a marker that has no length
				continue
			}
			length := int(binary.BigEndian.Uint16(raw[i:]))
			if length < 2 || i+length > len(raw) || !yield(marker, raw[i+2:i+length]) {
				return
			}
			i += length
		}
	}
}

const (
	startOfScan = 0xda
	app1        = 0xe1
	app14       = 0xee
)

// lookJPEG finds the header of the frame.
func lookJPEG(raw []byte) (Head, error) {
	adobe := -1
	for marker, body := range segments(raw) {
		switch {
		case marker == app14:
			adobe = adobeTransform(body, adobe)
		case marker == startOfScan:
			return Head{}, refuse("the JPEG is damaged: it says nothing of its picture, get it anew")
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc: // these are tables
			return lookFrame(marker, body, adobe)
		}
	}
	return Head{}, errShort
}

// adobeTransform reads what Adobe's marker says of the colours: 0 is that they are stored as they are.
func adobeTransform(body []byte, otherwise int) int {
	if len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")) {
		return int(body[11])
	}
	return otherwise
}

// lookFrame reads the header of a frame, and refuses the kinds that image/jpeg does not decode.
func lookFrame(marker byte, body []byte, adobe int) (Head, error) {
	switch marker {
	case 0xc0, 0xc1, 0xc2:
	case 0xc9, 0xca:
		return Head{}, refuse("this is a JPEG with arithmetic coding, which is not read: save it as an ordinary JPEG")
	case 0xc3, 0xcb:
		return Head{}, refuse("this is a lossless JPEG, which is not read: save it as PNG")
	default:
		return Head{}, refuse("this is a hierarchical JPEG, which is not read: save it as an ordinary JPEG")
	}
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return Head{}, refuse("the JPEG is damaged: the header of its picture is cut, get it anew")
	}
	if body[0] != 8 {
		return Head{}, refuse("this is a JPEG of %d bits a channel, which is not read: save it with 8", body[0])
	}
	samples := int(body[5])
	if samples != 1 && samples != 3 && samples != 4 {
		return Head{}, refuse("this is a JPEG of %d channels; those of 1, 3 and 4 are read: save it as PNG", samples)
	}
	var factors [4][2]int
	most, sum := 1, 0
	for i := range samples {
		factors[i] = [2]int{int(body[7+3*i] >> 4), int(body[7+3*i] & 15)}
		most = max(most, factors[i][0]*factors[i][1])
		sum += factors[i][0] * factors[i][1]
	}
	if !decoded(factors, samples) {
		var words []string
		for _, f := range factors[:samples] {
			words = append(words, fmt.Sprintf("%d×%d", f[0], f[1]))
		}
		return Head{}, refuse("this is a JPEG whose channels have the sampling factors %s, which are not read: save it again with the usual 4:2:0 or 4:4:4, or as PNG",
			strings.Join(words, ", "))
	}
	bytes := float64(sum) / float64(most) // a byte a sample
	if marker == 0xc2 {
		bytes *= 5 // and its coefficient, which later scans make more precise
	}
	if samples == 4 || samples == 3 && (adobe == 0 || body[6] == 'R' && body[9] == 'G' && body[12] == 'B') {
		bytes += 4 // it is put together anew
	}
	h := head(int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:])), samples == 1, bytes)
	h.samples, h.progressive = samples, marker == 0xc2
	return h, nil
}

// decoded reports whether image/jpeg decodes a frame of these sampling factors.
func decoded(factors [4][2]int, samples int) bool {
	for _, f := range factors[:samples] {
		if f[0] != 1 && f[0] != 2 && f[0] != 4 || f[1] != 1 && f[1] != 2 && f[1] != 4 {
			return false
		}
	}
	first := factors[0]
	switch samples {
	case 3:
		return first[1] != 4 && first[0]%factors[1][0] == 0 && first[1]%factors[1][1] == 0 && factors[1] == factors[2]
	case 4:
		one := [2]int{1, 1}
		return (first == one || first == [2]int{2, 2}) && factors[1] == one && factors[2] == one && factors[3] == first
	}
	return true
}

func decodeJPEG(raw []byte, h Head) (Picture, error) {
	adobe, scans, whole, turned := -1, 0, false, false
	p := Picture{Gray: h.Gray, Orientation: 1}
	for marker, body := range segments(raw) {
		switch marker {
		case startOfScan:
			scans++
			whole = len(body) > 0 && int(body[0]) == h.samples
		case app14:
			adobe = adobeTransform(body, adobe)
		case app1:
			if block, ok := bytes.CutPrefix(body, []byte(exifMark)); ok && !turned {
				p.Orientation, turned = orientation(block), true
			}
		}
	}
	if scans > mostScans {
		return Picture{}, refuse("the JPEG goes over its picture in %d scans, at most %d are decoded: save it as a baseline JPEG",
			scans, mostScans)
	}
	var file io.Reader = bytes.NewReader(raw)
	if h.samples == 4 && adobe < 0 { // four inks, as others read it: the decoder asks for the marker that says so
		file = io.MultiReader(strings.NewReader("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"), bytes.NewReader(raw[2:]))
	}
	if scans == 1 && whole && !h.progressive { // nothing comes after it but the mark of the end, which may be missing
		file = io.MultiReader(file, strings.NewReader("\xff\xd9"))
	}
	var err error
	p.Image, err = jpeg.Decode(file)
	return p, err
}
