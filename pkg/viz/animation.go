package viz

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the script of the slider
	"encoding/json"
	"fmt"
	"html"
	"path/filepath"
)

// Frame is a picture of an animation, and the setting that it was made with.
type Frame struct {
	Label  string // "γ = 20"
	Figure Figure // what is seen
}

// Animation is one figure whose pictures follow a setting, as γ. It is a slider where scripts run, and elsewhere (paper, a notebook that
// is not trusted, a mail) the one picture named Still.
type Animation struct {
	Name   string  // what the slider sets, with its unit: "γ, the scale"
	Frames []Frame // at least two, all of one size
	Still  int     // the frame that is shown at first, and where no script runs
}

//go:embed animation.html
var animationScript string

// check returns an error unless there is something to move.
func (a Animation) check() error {
	if len(a.Frames) < 2 {
		return fmt.Errorf("viz.Animation: %s: want at least 2 frames, got %d", a.Name, len(a.Frames))
	}
	if a.Still < 0 || a.Still >= len(a.Frames) {
		return fmt.Errorf("viz.Animation: %s: Still must be one of the frames 0 to %d, got %d", a.Name, len(a.Frames)-1, a.Still)
	}
	first := a.Frames[0].Figure
	for i, frame := range a.Frames {
		if frame.Figure.draw == nil {
			return fmt.Errorf("viz.Animation: %s: frame %d (%s): %w", a.Name, i, frame.Label, errEmpty)
		}
		if frame.Figure.width != first.width || frame.Figure.height != first.height || len(frame.Figure.panels) != len(first.panels) {
			return fmt.Errorf("viz.Animation: %s: frame %d (%s) must have the size of the first, or the page would jump",
				a.Name, i, frame.Label)
		}
	}
	return nil
}

// Figure returns the still, with words that tell what the slider would show.
func (a Animation) Figure() (Figure, error) {
	if err := a.check(); err != nil {
		return Figure{}, err
	}
	still := a.Frames[a.Still].Figure
	still.Alt = sentence(fmt.Sprintf("One of %d pictures over %s, from %s to %s; here %s.", len(a.Frames), a.Name,
		a.Frames[0].Label, a.Frames[len(a.Frames)-1].Label, a.Frames[a.Still].Label), still.Alt)
	return still, nil
}

// movie holds what the script reads; its frames are gzipped SVG.
type movie struct {
	Name   string       `json:"name"`
	Still  int          `json:"still"`
	Frames []movieFrame `json:"frames"`
}

type movieFrame struct {
	Label   string   `json:"label"`
	Caption string   `json:"caption"` // HTML
	SVG     [][]byte `json:"svg"`     // of each panel
}

// HTML renders the animation as one element, <figure class="viz-animation">, that needs nothing beside it. It holds the still's panels as
// images, all frames, and a script that puts an <input type="range">, a button that plays and an <output> with the frame's label under
// them. Several of them share a page. Where scripts do not run the still remains.
func (a Animation) HTML() ([]byte, error) {
	still, err := a.Figure()
	if err != nil {
		return nil, err
	}
	shown, err := still.HTML()
	if err != nil {
		return nil, err
	}
	m := movie{Name: a.Name, Still: a.Still}
	for _, frame := range a.Frames {
		moved := movieFrame{Label: frame.Label, Caption: caption(frame.Figure.Alt)}
		for _, part := range frame.Figure.parts() {
			packed, err := pack(part)
			if err != nil {
				return nil, err
			}
			moved.SVG = append(moved.SVG, packed)
		}
		m.Frames = append(m.Frames, moved)
	}
	all, err := json.Marshal(m) // escapes <, > and &: it cannot end the script element
	if err != nil {
		return nil, fmt.Errorf("viz: render HTML: %w", err)
	}
	shown = bytes.Replace(shown, []byte("viz-panels"), []byte("viz-panels viz-animation"), 1)
	shown = bytes.TrimSuffix(shown, []byte("</figure>\n"))
	return fmt.Appendf(shown, "<script type=\"application/json\">%s</script>\n</figure>\n%s", all, animationScript), nil
}

// pack renders a figure as gzipped SVG: a tenth of the size, and browsers unpack it.
func pack(f Figure) ([]byte, error) {
	svg, err := f.SVG()
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("viz: render HTML: %w", err)
	}
	if _, err := w.Write(svg); err != nil {
		return nil, fmt.Errorf("viz: render HTML: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("viz: render HTML: %w", err)
	}
	return packed.Bytes(), nil
}

// Save writes the animation to a file: a page of its own where the name ends in .html, the still where it ends in .svg or .png.
// What was there stays until the new one is whole.
func (a Animation) Save(path string) error {
	if filepath.Ext(path) != ".html" {
		still, err := a.Figure()
		if err != nil {
			return err
		}
		return still.Save(path)
	}
	body, err := a.HTML()
	if err != nil {
		return err
	}
	head := fmt.Sprintf("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n<main>\n",
		html.EscapeString(a.Name))
	if err := write(path, append([]byte(head), append(body, "</main>\n</html>\n"...)...)); err != nil {
		return fmt.Errorf("viz: save animation: %w", err)
	}
	return nil
}
