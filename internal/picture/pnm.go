package picture

import (
	"bytes"
	"image"
	"io"
)

// isPNM tests for a portable bitmap, graymap or pixmap, in words (P1 to P3) or bytes (P4 to P6).
func isPNM(raw []byte) bool {
	return len(raw) > 2 && raw[0] == 'P' && raw[1] >= '1' && raw[1] <= '6' && (space(raw[2]) || raw[2] == '#')
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// pnm is the header of a PNM file.
type pnm struct {
	kind          byte // as in P5
	width, height int
	most          int // the number that stands for white
	rest          []byte
}

// bit and coloured say what a pixel is; words, that numbers are written out.
func (p pnm) bit() bool      { return p.kind == '1' || p.kind == '4' }
func (p pnm) coloured() bool { return p.kind == '3' || p.kind == '6' }
func (p pnm) words() bool    { return p.kind <= '3' }

// number reads the next number of a text, over space and comments.
func number(text []byte) (n int, rest []byte, err error) {
	for len(text) > 0 && (space(text[0]) || text[0] == '#') {
		if text[0] == '#' {
			end := bytes.IndexByte(text, '\n')
			if end < 0 {
				return 0, nil, errShort
			}
			text = text[end:]
		}
		text = text[1:]
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		if n = 10*n + int(text[digits]-'0'); n > 1<<31 {
			return 0, nil, refuse("the PNM is damaged: it has a number beyond every size, get it anew")
		}
		digits++
	}
	switch {
	case len(text) == 0:
		return 0, nil, errShort
	case digits == 0:
		return 0, nil, refuse("the PNM is damaged: it has %q where a number is due, get it anew", text[:1])
	}
	return n, text[digits:], nil
}

func readPNM(raw []byte) (p pnm, err error) {
	p = pnm{kind: raw[1], most: 1, rest: raw[2:]}
	for _, to := range []*int{&p.width, &p.height, &p.most} {
		if to == &p.most && p.bit() {
			break
		}
		if *to, p.rest, err = number(p.rest); err != nil {
			return p, err
		}
	}
	switch {
	case len(p.rest) == 0:
		return p, errShort
	case p.most < 1 || p.most > 1<<16-1:
		return p, refuse("the PNM is damaged: white is %d where a number from 1 to 65535 is due, get it anew", p.most)
	}
	p.rest = p.rest[1:] // one space, whatever follows
	return p, nil
}

func lookPNM(raw []byte) (Head, error) {
	p, err := readPNM(raw)
	if err != nil {
		return Head{}, err
	}
	if p.coloured() {
		return head(p.width, p.height, false, 4), nil
	}
	return head(p.width, p.height, true, 1), nil
}

func decodePNM(raw []byte, h Head) (Picture, error) {
	p, err := readPNM(raw)
	if err != nil {
		return Picture{}, err
	}
	all := image.Rect(0, 0, p.width, p.height)
	if !p.coloured() {
		m := image.NewGray(all)
		return Picture{Image: m, Gray: true, Orientation: 1}, p.samples(p.width, func(i int, v uint8) { m.Pix[i] = v })
	}
	m := image.NewRGBA(all)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	return Picture{Image: m, Orientation: 1}, p.samples(3*p.width, func(i int, v uint8) { m.Pix[i/3*4+i%3] = v })
}

// samples gives the numbers of all pixels, of 255, from rows of so many.
func (p pnm) samples(row int, to func(i int, v uint8)) error {
	rest, n := p.rest, row*p.height
	level := func(v int) uint8 { return uint8((min(v, p.most)*255 + p.most/2) / p.most) }
	wide := 1 // bytes of a number
	if p.most > 255 {
		wide = 2
	}
	switch {
	case p.kind == '1': // digits may stand side by side
		for i := 0; i < n; i++ {
			for len(rest) > 0 && space(rest[0]) {
				rest = rest[1:]
			}
			if len(rest) == 0 || rest[0] != '0' && rest[0] != '1' {
				return io.ErrUnexpectedEOF
			}
			to(i, 255*('1'-rest[0]))
			rest = rest[1:]
		}
	case p.words():
		for i := range n {
			v, after, err := number(rest)
			if err != nil {
				return io.ErrUnexpectedEOF
			}
			to(i, level(v))
			rest = after
		}
	case p.bit():
		length := (row + 7) / 8
		if len(rest) < length*p.height {
			return io.ErrUnexpectedEOF
		}
		for i := range n {
			to(i, 255*(1-rest[i/row*length+i%row/8]>>(7-i%row%8)&1))
		}
	default:
		if len(rest) < n*wide {
			return io.ErrUnexpectedEOF
		}
		for i := range n {
			v := int(rest[i*wide])
			if wide == 2 {
				v = v<<8 | int(rest[i*wide+1])
			}
			to(i, level(v))
		}
	}
	return nil
}
