package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"io/fs"

	"golang.org/x/sync/semaphore"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/picture"
)

const (
	maxFileBytes = 1 << 28 // of a picture file
	longestSide  = 2048    // of a picture that is given; a larger one is reduced by a whole number
)

// decoding bounds the memory of all pictures that are decoded at one time, however many processors there are. One alone may take all of it.
var decoding = semaphore.NewWeighted(picture.MostBytes)

// ReadImage reads one image file, as [Folder] reads those of a folder.
func ReadImage(path string) (Image, error) {
	opened, err := file.Open(path)
	if err != nil {
		return Image{}, fmt.Errorf("data: %w", err)
	}
	defer opened.Close()
	m, err := readPicture(context.Background(), opened)
	if err != nil {
		return Image{}, fmt.Errorf("data: %w", file.Named(path, err))
	}
	return m, nil
}

// lookAt reports whether the picture of an opened file is gray: by its header where that says it, else by decoding it.
func lookAt(ctx context.Context, opened fs.File) (gray bool, err error) {
	return read(ctx, opened, func(head picture.Head, decode func() (Image, error)) (bool, error) {
		if !head.Unsure {
			return head.Gray, nil
		}
		m, err := decode()
		return m.Channels() == 1, err
	})
}

// readPicture decodes the picture of an opened file.
func readPicture(ctx context.Context, opened fs.File) (Image, error) {
	return read(ctx, opened, func(_ picture.Head, decode func() (Image, error)) (Image, error) { return decode() })
}

// read returns what use makes of the header of an opened picture file, and of its picture: decode decodes it once there is room.
func read[T any](ctx context.Context, opened fs.File, use func(head picture.Head, decode func() (Image, error)) (T, error)) (got T, err error) {
	info, err := opened.Stat()
	switch {
	case err != nil:
		return got, err
	case info.IsDir():
		return got, errors.New("this is a folder, not an image")
	case info.Size() == 0:
		return got, errors.New("the file is empty (0 bytes)")
	case info.Size() > maxFileBytes:
		return got, fmt.Errorf("the file has more than %d MB, which is more than is read of an image", maxFileBytes>>20)
	}
	r := picture.NewReader(opened)
	head, err := picture.Peek(r, info.Size())
	if err != nil {
		return got, err
	}
	return use(head, func() (Image, error) {
		given := 2 * 4 * 3 * int64(min(head.Width*head.Height, longestSide*longestSide)) // what is decoded, and that turned
		weight := min(head.Bytes+given, picture.MostBytes)
		if err := decoding.Acquire(ctx, weight); err != nil {
			return Image{}, err
		}
		raw := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
		if _, err := raw.ReadFrom(io.LimitReader(r, info.Size())); err != nil {
			decoding.Release(weight)
			return Image{}, err
		}
		return file.Until(ctx, func() (Image, error) {
			defer decoding.Release(weight)
			return decodeImage(raw.Bytes())
		})
	})
}

// decodeImage decodes an image file, upright: turned as its EXIF data says. Gray pictures give gray images, others colour. What is
// transparent is on white, and of an animation it takes the first picture. One whose longer side has more than longestSide pixels is
// reduced by the whole number that suffices.
func decodeImage(raw []byte) (Image, error) {
	decoded, err := picture.Decode(raw)
	if err != nil {
		return Image{}, err
	}
	return upright(reduced(decoded), decoded.Orientation), nil
}

// reduced makes an Image of a decoded picture. If the longer side has more than longestSide pixels, each of the new ones is the mean of a
// square of n × n. At the far borders it is the mean of what is left of the square.
func reduced(decoded picture.Picture) Image {
	width, height, channels := decoded.Screen.Dx(), decoded.Screen.Dy(), 3
	if decoded.Gray {
		channels = 1
	}
	n := (max(width, height) + longestSide - 1) / longestSide
	out := Image{Width: (width + n - 1) / n, Height: (height + n - 1) / n}
	out.Pixels = make([]float32, 0, out.Width*out.Height*channels)
	flat, isFlat := decoded.Image.(*image.Gray)
	isFlat = isFlat && decoded.Gray && flat.Rect == decoded.Screen
	opaque, ok := decoded.Image.(interface{ Opaque() bool })
	covered := ok && decoded.Screen == decoded.Bounds() && opaque.Opaque()
	ground := image.White
	if decoded.Background != nil {
		ground = image.NewUniform(decoded.Background)
	}
	tall := 16 * n // rows that are drawn at a time
	canvas := image.NewRGBA(image.Rect(0, 0, width, min(tall, height)))
	for top := 0; top < height; top += tall {
		rows, here := canvas.Pix, min(tall, height-top)
		if isFlat {
			out.Pixels = mosaic(out.Pixels, flat.Pix[top*flat.Stride:], width, here, flat.Stride, 1, 1, n)
			continue
		}
		if !covered {
			draw.Draw(canvas, canvas.Rect, ground, image.Point{}, draw.Src)
		}
		draw.Draw(canvas, canvas.Rect, decoded.Image, decoded.Screen.Min.Add(image.Pt(0, top)), draw.Over)
		out.Pixels = mosaic(out.Pixels, rows, width, here, canvas.Stride, 4, channels, n)
	}
	return out
}

// mosaic appends the pixels of some rows of bytes, each the mean of a square of n × n. It takes the first channels of every pixel, which
// has pixel bytes.
func mosaic(pixels []float32, rows []uint8, width, height, stride, pixel, channels, n int) []float32 {
	if n == 1 { // the same by a shorter way
		for y := range height {
			for x := range width {
				for c := range channels {
					pixels = append(pixels, float32(rows[y*stride+x*pixel+c])/255)
				}
			}
		}
		return pixels
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
				pixels = append(pixels, float32(sum)/float32(255*(bottom-top)*(right-left)))
			}
		}
	}
	return pixels
}

// upright turns a picture so that what was up when it was taken is up, by EXIF's number.
func upright(m Image, orientation int) Image {
	switch orientation {
	case 2:
		return mirror(m)
	case 3:
		return half(m)
	case 4:
		return half(mirror(m))
	case 5:
		return quarter(mirror(m))
	case 6:
		return threeQuarters(m)
	case 7:
		return threeQuarters(mirror(m))
	case 8:
		return quarter(m)
	}
	return m
}
