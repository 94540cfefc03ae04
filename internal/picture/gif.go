package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"io"
)

const gifHead = 13 // bytes of the header, which ends with the screen

// gifFrame is the beginning of a GIF: its screen, and where its first frame is.
type gifFrame struct {
	screen  image.Point
	tables  int    // where the global colours end
	control []byte // what is said of the frame, of its transparent colour
	at      int    // where the frame begins
}

// firstFrame finds it. A frame that goes beyond the screen makes it larger, as viewers do.
func firstFrame(raw []byte) (f gifFrame, err error) {
	if len(raw) < gifHead {
		return f, errShort
	}
	f.screen = image.Pt(int(binary.LittleEndian.Uint16(raw[6:])), int(binary.LittleEndian.Uint16(raw[8:])))
	f.tables = gifHead
	if raw[10]&0x80 != 0 {
		f.tables += 3 << (raw[10]&7 + 1)
	}
	for i := f.tables; i < len(raw); {
		switch raw[i] {
		case 0x2c:
			if i+10 > len(raw) {
				return f, errShort
			}
			number := func(at int) int { return int(binary.LittleEndian.Uint16(raw[i+at:])) }
			f.screen.X, f.screen.Y = max(f.screen.X, number(1)+number(5)), max(f.screen.Y, number(3)+number(7))
			f.at = i
			if (raw[10]|raw[i+9])&0x80 == 0 {
				return f, refuse("the GIF has no table of colours, so that nobody can tell what they are: save it with one")
			}
			return f, nil
		case 0x21:
			begin := i
			for i += 2; i < len(raw) && raw[i] != 0; i += 1 + int(raw[i]) {
			}
			i++
			if i <= len(raw) && raw[begin+1] == 0xf9 {
				f.control = raw[begin:i]
			}
		default:
			return f, refuse("the GIF has no picture: get it anew")
		}
	}
	return f, errShort
}

func lookGIF(raw []byte) (Head, error) {
	f, err := firstFrame(raw)
	h := head(f.screen.X, f.screen.Y, false, 1)
	h.Unsure = true
	return h, err
}

// decodeGIF decodes the first frame, in its place and its colours. What is said of the whole animation is left out.
func decodeGIF(raw []byte, h Head) (Picture, error) {
	f, err := firstFrame(raw)
	if err != nil {
		return Picture{}, err
	}
	screen := bytes.Clone(raw[:gifHead])
	binary.LittleEndian.PutUint16(screen[6:], uint16(min(f.screen.X, 1<<16-1)))
	binary.LittleEndian.PutUint16(screen[8:], uint16(min(f.screen.Y, 1<<16-1)))
	decoded, err := gif.Decode(io.MultiReader(bytes.NewReader(screen), bytes.NewReader(raw[gifHead:f.tables]),
		bytes.NewReader(f.control), bytes.NewReader(raw[f.at:])))
	return Picture{Image: decoded, Screen: image.Rectangle{Max: f.screen}, Background: f.background(raw), Orientation: 1}, err
}

// background returns the colour of what the frame does not cover: the one that the header names, unless the frame has a transparent colour;
// then that is transparent too.
func (f gifFrame) background(raw []byte) color.Color {
	at := gifHead + 3*int(raw[11])
	if transparent := len(f.control) > 3 && f.control[3]&1 != 0; transparent || at+3 > f.tables {
		return nil
	}
	return color.RGBA{raw[at], raw[at+1], raw[at+2], 255}
}
