package viz

import (
	"fmt"
	"image"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Clip is a moment of a clip of pictures, beside where its embeddings go.
type Clip struct {
	Title string      // above the picture; may be empty
	Frame image.Image // what is seen at this moment
	// Points are embeddings of many clips' pictures on a plane, and Phase of each where in its cycle it is, in radians: their colour.
	Points []Point
	Phase  []float64 // one per point, in radians
	Way    []int     // the points of this clip, in their order
	At     int       // which of them this moment is
}

// ClipMoment draws a moment of a clip: the picture, and its place among the points with the way that the clip goes through them.
func ClipMoment(c Clip) (Figure, error) {
	if err := c.check(); err != nil {
		return Figure{}, err
	}
	alt := fmt.Sprintf("%s: picture %d of %d of a clip, and a map of %d embeddings, coloured by phase, with the clip's way through them.",
		c.Title, c.At+1, len(c.Way), len(c.Points))
	return tile(alt, 2, 250, 250, []panel{c.drawFrame, c.drawWay}), nil
}

func (c Clip) check() error {
	if c.Frame == nil {
		return fmt.Errorf("viz.ClipMoment: %s: the frame is nil", c.Title)
	}
	if len(c.Points) == 0 || len(c.Phase) != len(c.Points) {
		return fmt.Errorf("viz.ClipMoment: %s: want as many phases as points, and some, got %d and %d", c.Title, len(c.Phase), len(c.Points))
	}
	if err := checkPoints("ClipMoment", c.Title, c.Points, make([]int32, len(c.Points))); err != nil {
		return err
	}
	for i, phase := range c.Phase {
		if math.IsNaN(phase) || math.IsInf(phase, 0) {
			return fmt.Errorf("viz.ClipMoment: %s: phase %d must be finite, got %g", c.Title, i, phase)
		}
	}
	if c.At < 0 || c.At >= len(c.Way) {
		return fmt.Errorf("viz.ClipMoment: %s: At must be one of the way's %d points, got %d", c.Title, len(c.Way), c.At)
	}
	for _, i := range c.Way {
		if i < 0 || i >= len(c.Points) {
			return fmt.Errorf("viz.ClipMoment: %s: the way goes through point %d of %d", c.Title, i, len(c.Points))
		}
	}
	return nil
}

func (c Clip) drawFrame(canvas draw.Canvas) {
	title(canvas, "What is seen")
	room := draw.Crop(canvas, 0, 0, 0, -vg.Points(22))
	side := min(room.Size().X, room.Size().Y)
	centre := room.Center()
	frame := vg.Rectangle{Min: centre.Sub(vg.Point{X: side / 2, Y: side / 2}), Max: centre.Add(vg.Point{X: side / 2, Y: side / 2})}
	canvas.DrawImage(frame, c.Frame)
	canvas.SetLineStyle(line(0.8, grey))
	canvas.Stroke(frame.Path())
}

func (c Clip) drawWay(canvas draw.Canvas) {
	title(canvas, c.Title)
	drawPhases(canvas)
	at := frameOf(draw.Crop(canvas, vg.Points(6), -vg.Points(6), vg.Points(20), -vg.Points(22)), c.Points)
	for i, p := range c.Points {
		canvas.DrawGlyph(draw.GlyphStyle{Color: wheel(c.Phase[i]), Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}, at(p))
	}
	var way []vg.Point
	for _, i := range c.Way {
		way = append(way, at(c.Points[i]))
	}
	canvas.StrokeLines(line(0.8, ink), way)
	here := way[c.At]
	canvas.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: vg.Points(5.5), Shape: draw.CircleGlyph{}}, here)
	canvas.DrawGlyph(draw.GlyphStyle{Color: wheel(c.Phase[c.Way[c.At]]), Radius: vg.Points(4), Shape: draw.CircleGlyph{}}, here)
}

// drawPhases tells what the colours are.
func drawPhases(c draw.Canvas) {
	const n, apart = 36, 3 // points
	at := vg.Point{X: c.Center().X - vg.Points(n*apart/2), Y: c.Min.Y + vg.Points(5)}
	words := textStyle(8.5, ink)
	c.FillText(aligned(words, draw.XRight, draw.YCenter), at.Sub(vg.Point{X: vg.Points(5)}), "phase: 0°")
	for i := range n {
		c.DrawGlyph(draw.GlyphStyle{Color: wheel(2 * math.Pi * float64(i) / n), Radius: vg.Points(2), Shape: draw.CircleGlyph{}}, at)
		at.X += vg.Points(apart)
	}
	c.FillText(aligned(words, draw.XLeft, draw.YCenter), at.Add(vg.Point{X: vg.Points(2)}), "360°")
}

func title(c draw.Canvas, text string) {
	c.FillText(aligned(bold(textStyle(10, ink)), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y}, text)
}
