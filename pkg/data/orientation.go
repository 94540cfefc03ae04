package data

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// orientation is EXIF's number for how the camera was held, 1 to 8: 1 is upright, and what a file without the number is taken
// for. A damaged EXIF block is taken for none: the picture itself can still be whole.
func orientation(raw []byte, format string) int {
	formats := map[string]imagemeta.ImageFormat{
		"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "tiff": imagemeta.TIFF, "webp": imagemeta.WebP,
	}
	kind, ok := formats[format]
	if !ok {
		return 1
	}
	found := 1
	// Its error is of a damaged block, which leaves the number at 1; it reads nothing but what is in memory.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(raw), ImageFormat: kind, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Namespace == "IFD0" && tag.Tag == "Orientation" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if n, ok := tag.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return imagemeta.ErrStopWalking
		},
		Warnf: func(string, ...any) {},
	})
	return found
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
