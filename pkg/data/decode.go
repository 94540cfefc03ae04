package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // the formats that image.Decode knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// What an image file may be: against files that are made to fill memory, and for pictures that nobody wants at full size.
const (
	maxFileBytes   = 1 << 28
	maxImagePixels = 1 << 26 // 8192 × 8192, by what the header declares, before anything is decoded
	longestSide    = 2048    // of a picture that is given; a larger one is reduced by a whole number
)

// survive makes an error of a panic. The decoders are others' and the files are anybody's: one that panics must cost an image, not the
// run.
func survive(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("the image's decoder fails: %v", fault)
	}
}

// readLimited reads all of a file of at most maxFileBytes.
func readLimited(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err == nil && len(raw) == 0 {
		err = errors.New("the file is empty (0 bytes)")
	}
	if err == nil && len(raw) > maxFileBytes {
		err = fmt.Errorf("the file has more than %d MB, which is more than is read of an image", maxFileBytes>>20)
	}
	return raw, err
}

// declared reads what an image file says of itself: whether its pixels are gray, and a size within the limits.
func declared(r io.Reader) (gray bool, format string, err error) {
	defer survive(&err)
	config, format, err := image.DecodeConfig(r)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return false, "", errors.New("the file ends before its image begins")
	case errors.Is(err, image.ErrFormat):
		return false, "", errors.New("this is no JPEG, PNG, GIF, WebP, BMP or TIFF image, whatever its name says")
	case err != nil:
		return false, "", err
	case config.Width < 1 || config.Height < 1:
		return false, "", fmt.Errorf("the image has %d × %d pixels", config.Width, config.Height)
	case config.Width > maxImagePixels/config.Height:
		return false, "", fmt.Errorf("the image declares %d × %d pixels (%.0f million), at most %.0f million are decoded: reduce it",
			config.Width, config.Height, float64(config.Width)*float64(config.Height)/1e6, maxImagePixels/1e6)
	}
	return grayModel(config.ColorModel), format, nil
}

// grayModel reports whether a picture has only grays, as far as its header says.
func grayModel(model color.Model) bool {
	if palette, ok := model.(color.Palette); ok {
		for _, c := range palette {
			if r, g, b, _ := c.RGBA(); r != g || g != b {
				return false
			}
		}
		return len(palette) > 0
	}
	return model == color.GrayModel || model == color.Gray16Model
}

// decodeImage decodes an image file, upright: turned as its EXIF data says. Gray files give gray images, others colour; what is
// transparent is on white; of an animation it is the first picture. One whose longer side has more than longestSide pixels is
// reduced by the whole number that suffices, each pixel the mean of so many.
func decodeImage(raw []byte) (m Image, err error) {
	defer survive(&err)
	if len(raw) == 0 {
		return Image{}, errors.New("the file is empty (0 bytes)")
	}
	gray, format, err := declared(bytes.NewReader(raw))
	if err != nil {
		return Image{}, err
	}
	about := readEXIF(raw, format)
	if about.fax && format == "tiff" {
		return Image{}, errors.New("the image is packed as a fax (CCITT), of which readers disagree what is black: save it with another compression")
	}
	decoded, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return Image{}, err
	}
	if format == "webp" {
		fullRange(decoded)
	}
	channels := 3
	if gray {
		channels = 1
	}
	return upright(reduced(decoded, channels), about.orientation), nil
}

// fullRange spreads the values of a lossy WebP picture, which lie from 16 to 235 (colours to 240), over all of a byte, as
// image.YCbCr has them: the decoder leaves them as they are in the file, which makes a picture pale.
func fullRange(decoded image.Image) {
	var m *image.YCbCr
	switch decoded := decoded.(type) {
	case *image.YCbCr:
		m = decoded
	case *image.NYCbCrA:
		m = &decoded.YCbCr
	default:
		return // lossless
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

// reduced makes an Image of a decoded picture.
func reduced(decoded image.Image, channels int) Image {
	bounds := decoded.Bounds()
	flat, ok := decoded.(*image.Gray)
	if channels == 1 && ok {
		return mosaic(bounds.Dx(), bounds.Dy(), flat.Stride, 1, 1, flat.Pix[flat.PixOffset(bounds.Min.X, bounds.Min.Y):])
	}
	canvas := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	if opaque, ok := decoded.(interface{ Opaque() bool }); !ok || !opaque.Opaque() {
		draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	}
	draw.Draw(canvas, canvas.Bounds(), decoded, bounds.Min, draw.Over)
	return mosaic(bounds.Dx(), bounds.Dy(), canvas.Stride, 4, channels, canvas.Pix)
}

// mosaic makes an image of rows of bytes, taking the first channels of every pixel of so many bytes. If the longer side has more
// than longestSide pixels, each of the new ones is the mean of a square of n × n, those at the far borders of what is left of it.
func mosaic(width, height, stride, pixel, channels int, rows []uint8) Image {
	n := (max(width, height) + longestSide - 1) / longestSide
	out := Image{Width: (width + n - 1) / n, Height: (height + n - 1) / n}
	out.Pixels = make([]float32, 0, out.Width*out.Height*channels)
	if n == 1 { // the same by a shorter way
		for y := range height {
			for x := range width {
				for c := range channels {
					out.Pixels = append(out.Pixels, float32(rows[y*stride+x*pixel+c])/255)
				}
			}
		}
		return out
	}
	for top := 0; top < height; top += n {
		for left := 0; left < width; left += n {
			bottom, right := min(top+n, height), min(left+n, width)
			for c := range channels {
				sum := 0
				for y := top; y < bottom; y++ {
					for x := left; x < right; x++ {
						sum += int(rows[y*stride+x*pixel+c])
					}
				}
				out.Pixels = append(out.Pixels, float32(sum)/float32(255*(bottom-top)*(right-left)))
			}
		}
	}
	return out
}
