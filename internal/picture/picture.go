// Package picture reads picture files, each as the common viewers show it. What it cannot read it refuses by what it is, in one line that
// says what to do. How much memory and time a file takes is known, and bounded, before anything is decoded.
package picture

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

const (
	// MostBytes is the memory that a picture may take while it is decoded, its file with it.
	MostBytes = 384 << 20
	// mostPixels bounds the pixels of a picture: 8192 × 8192.
	mostPixels = 1 << 26

	begin = 1 << 16 // bytes of a file that are looked at before all of it is read
)

// Extensions lists the ends of the names of picture files, in small letters. What a file is says its content.
var Extensions = []string{
	".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm",
}

// Unread lists the ends of the names of pictures of kinds which are not read.
var Unread = []string{".avif", ".heic", ".heif", ".jxl", ".tga", ".jp2", ".psd", ".exr", ".qoi", ".pam", ".pfm", ".ico", ".svg"}

// Head holds what a file says of its picture before anything is decoded.
type Head struct {
	Width, Height int
	Gray          bool
	Unsure        bool  // only decoding says whether it is gray, or what it needs
	Bytes         int64 // memory that decoding takes, its file with it

	samples     int // of a pixel of a JPEG
	progressive bool
}

// Picture is a decoded file, as it is stored: Orientation says how it is to be turned.
type Picture struct {
	image.Image
	Screen      image.Rectangle // the whole picture, on which the image lies
	Background  color.Color     // of the rest; nil where that is transparent
	Gray        bool
	Orientation int // by EXIF's number, 1 to 8; 1 is upright, and what a file without the number is taken for
}

// format is a kind of file.
type format struct {
	name   string
	is     func(raw []byte) bool
	look   func(raw []byte) (Head, error)            // of the file's beginning, or of all of it
	decode func(raw []byte, h Head) (Picture, error) // of a whole file
}

var formats = []format{
	{"JPEG", begins("\xff\xd8\xff"), lookJPEG, decodeJPEG},
	{"PNG", begins("\x89PNG\r\n\x1a\n"), lookPNG, decodePNG},
	{"GIF", begins("GIF87a", "GIF89a"), lookGIF, decodeGIF},
	{"WebP", isWebP, lookWebP, decodeWebP},
	{"BMP", begins("BM"), lookBMP, decodeBMP},
	{"TIFF", begins("II*\x00", "MM\x00*", "II+\x00", "MM\x00+"), lookTIFF, decodeTIFF},
	{"PNM", isPNM, lookPNM, decodePNM},
}

// errShort says that a header goes on beyond what is there of the file.
var errShort = errors.New("the file ends before its image begins")

// refusal is an error in words for the user; all others are a decoder's own.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(words string, values ...any) error { return refusal(fmt.Sprintf(words, values...)) }

// Peek looks at the beginning of a file of a size, which stays to be read. A file whose header is longer than that is unsure.
func Peek(r *bufio.Reader, size int64) (Head, error) {
	raw, err := r.Peek(begin)
	if err != nil && !errors.Is(err, io.EOF) {
		return Head{}, err
	}
	head, _, lookErr := look(raw, size)
	if errors.Is(lookErr, errShort) && err == nil {
		return Head{Unsure: true, Bytes: MostBytes}, nil
	}
	return head, lookErr
}

// NewReader returns a reader whose beginning [Peek] can look at.
func NewReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, begin) }

// Decode decodes a whole file.
func Decode(raw []byte) (p Picture, err error) {
	head, f, err := look(raw, int64(len(raw)))
	if err != nil {
		return Picture{}, err
	}
	if p, err = f.safely(raw, head); err != nil {
		if words := refusal(""); errors.As(err, &words) {
			return Picture{}, words
		}
		return Picture{}, refuse("the %s is damaged or cut short: its picture cannot be decoded, get it anew", f.name)
	}
	if p.Screen.Empty() {
		p.Screen = p.Bounds()
	}
	if paletted, ok := p.Image.(*image.Paletted); ok {
		p.Gray = grayPixels(paletted) && (p.Screen == p.Bounds() || p.Background == nil || !coloured(p.Background))
	}
	return p, nil
}

// look finds out what a file of a size is and reads its header, from its beginning or all of it.
func look(raw []byte, size int64) (h Head, f format, err error) {
	defer survive(&err)
	if len(raw) == 0 {
		return Head{}, f, refuse("the file is empty (0 bytes)")
	}
	for _, f := range formats {
		if !f.is(raw) {
			continue
		}
		if h, err = f.look(raw); err == nil {
			h.Bytes += size
			err = h.check()
		}
		return h, f, err
	}
	if name := foreign(raw); name != "" {
		return Head{}, format{}, refuse("this is %s, which is not read: save it as PNG or JPEG", name)
	}
	return Head{}, format{}, refuse("this is no JPEG, PNG, GIF, WebP, BMP, TIFF or PNM image, whatever its name says")
}

// safely decodes. The decoders are others' and the files are anybody's: one that panics must cost a picture, not the run.
func (f format) safely(raw []byte, h Head) (p Picture, err error) {
	defer survive(&err)
	return f.decode(raw, h)
}

func survive(err *error) {
	if fault := recover(); fault != nil {
		*err = refuse("the file is damaged: its picture cannot be decoded, get it anew")
	}
}

// check refuses a picture that has no pixels, or too many.
func (h Head) check() error {
	switch {
	case h.Width < 1 || h.Height < 1:
		return refuse("the image has %d × %d pixels", h.Width, h.Height)
	case h.Width > mostPixels/h.Height:
		return refuse("the image declares %d × %d pixels (%.0f million), at most %.0f million are decoded: reduce it",
			h.Width, h.Height, float64(h.Width)*float64(h.Height)/1e6, mostPixels/1e6)
	case h.Bytes > MostBytes:
		return refuse("the image of %d × %d pixels takes %d MB to decode, more than %d: reduce it, or save it as a baseline JPEG or with 8 bits a channel",
			h.Width, h.Height, h.Bytes>>20, MostBytes>>20)
	}
	return nil
}

// head makes a head of a size and the bytes that a pixel takes.
func head(width, height int, gray bool, bytes float64) Head {
	return Head{Width: width, Height: height, Gray: gray, Bytes: int64(float64(width) * float64(height) * bytes)}
}

// grayPixels reports whether a picture with a palette has only gray pixels, whatever else is in the palette.
func grayPixels(m *image.Paletted) bool {
	var not [256]bool
	for i, c := range m.Palette {
		not[i] = coloured(c)
	}
	for y := range m.Rect.Dy() {
		for _, i := range m.Pix[y*m.Stride:][:m.Rect.Dx()] {
			if not[i] {
				return false
			}
		}
	}
	return true
}

// coloured reports whether a colour is seen, and no gray.
func coloured(c color.Color) bool {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return n.A > 0 && (n.R != n.G || n.G != n.B)
}
