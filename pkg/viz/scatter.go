package viz

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scatter shows where the anchors of a data set lie in the plane of scores, one point per anchor or per pair of scores.
type Scatter struct {
	Title    string      // above the picture; may be empty
	Points   []ScorePair // at least one
	Boundary Boundary    // of the loss that is trained; may be empty
	Targets  []Mark      // drawn as stars: where the points may come to rest
}

// Scatters draws scatters over a density of their points, on common axes, in rows of the given number of columns: the
// paper's figure 5. At most 400 points are drawn, evenly chosen; the density is of all. A cloud that is too small to be seen is enlarged beside.
func Scatters(columns int, scatters ...Scatter) (Figure, error) {
	if err := checkTiles("Scatters", "scatters", len(scatters), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Pairs of scores in the plane of s_n (across) and s_p (up)."}
	coordinates := []float64{0, 1}
	for _, s := range scatters {
		if err := checkSome("Scatters", "points in "+s.Title, len(s.Points)); err != nil {
			return Figure{}, err
		}
		if err := checkScores("Scatters", s.Title+": point", s.Points); err != nil {
			return Figure{}, err
		}
		for _, p := range s.Points {
			coordinates = append(coordinates, p.Sn, p.Sp)
		}
		for _, t := range s.Targets {
			if err := checkNumbers("Scatters", s.Title+": target "+t.Name+" (s_n, s_p)", t.At.Sn, t.At.Sp); err != nil {
				return Figure{}, err
			}
		}
		alts = append(alts, s.alt())
	}
	low, high := span(coordinates...)
	low, high = math.Floor(low*5)/5, math.Ceil(high*5)/5
	var panels []panel
	for _, s := range scatters {
		panels = append(panels, func(c draw.Canvas) { s.draw(c, low, high) })
	}
	return tile(sentence(alts...), columns, 258, 262, panels), nil
}

func (s Scatter) alt() string {
	var sn, sp float64
	right := 0
	for _, p := range s.Points {
		sn, sp = sn+p.Sn, sp+p.Sp
		if p.Sp > p.Sn {
			right++
		}
	}
	n := float64(len(s.Points))
	text := fmt.Sprintf("%s: %d points, mean s_n %s, mean s_p %s, %d with s_p > s_n",
		s.Title, len(s.Points), short(sn/n), short(sp/n), right)
	if s.Boundary.Name != "" {
		text += ", boundary " + s.Boundary.Name
	}
	for _, t := range s.Targets {
		text += fmt.Sprintf(", %s at (%s, %s)", t.Name, short(t.At.Sn), short(t.At.Sp))
	}
	return text + "."
}

func (s Scatter) draw(c draw.Canvas, low, high float64) {
	const most = 400
	axes := newPlane(s.Title, low, high)
	axes.X.Label.Text, axes.Y.Label.Text = "s_n (cosine similarity)", "s_p (cosine similarity)"
	axes.Add(plotter.NewImage(s.density(low, high), low, low, high, high))
	axes.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		stride := max(1, (len(s.Points)+most-1)/most)
		for i := 0; i < len(s.Points); i += stride {
			c.DrawGlyph(draw.GlyphStyle{Color: ink.at(0.55), Radius: vg.Points(0.9), Shape: draw.CircleGlyph{}}, at(s.Points[i].Sn, s.Points[i].Sp))
		}
		// Above this diagonal a positive is more similar than the negative, below it less.
		c.StrokeLine2(line(0.7, grey, vg.Points(2), vg.Points(2)), at(low, low).X, at(low, low).Y, at(high, high).X, at(high, high).Y)
		haloText(c, aligned(textStyle(8, grey), draw.XRight, draw.YBottom), at(high, low).Add(vg.Point{X: -vg.Points(4), Y: vg.Points(4)}), "dashed: s_p = s_n")
		drawBoundary(c, at, s.Boundary)
		drawOptimum(c, at)
		s.drawInset(c, at, low, high)
		for _, t := range s.Targets {
			drawTarget(c, at(t.At.Sn, t.At.Sp), t.Name)
		}
	}))
	drawSquare(axes, c)
}

// drawInset draws a cloud that is too small to be seen once more, enlarged, where the plane is empty.
func (s Scatter) drawInset(c draw.Canvas, at func(x, y float64) vg.Point, low, high float64) {
	var sn, sp []float64
	for _, p := range s.Points {
		sn, sp = append(sn, p.Sn), append(sp, p.Sp)
	}
	left, right := span(sn...)
	bottom, top := span(sp...)
	side, whole := 1.05*max(right-left, top-bottom), high-low
	if side == 0 || side > 0.15*whole {
		return
	}
	const room = 0.44 // of the whole
	x, y := (left+right-side)/2, (bottom+top-side)/2
	place := func(sn, sp float64) vg.Point {
		return at(low+whole*(0.5+room*(sn-x)/side), low+whole*(0.14+room*(sp-y)/side))
	}
	frame := vg.Rectangle{Min: place(x, y), Max: place(x+side, y+side)}.Path()
	c.SetColor(paper)
	c.Fill(frame)
	c.SetLineStyle(line(0.6, grey))
	c.Stroke(frame)
	if from, to := max(x, y), min(x, y)+side; from < to {
		c.StrokeLine2(line(0.7, grey, vg.Points(2), vg.Points(2)), place(from, from).X, place(from, from).Y, place(to, to).X, place(to, to).Y)
	}
	for _, p := range s.Points {
		c.DrawGlyph(draw.GlyphStyle{Color: ink.at(0.55), Radius: vg.Points(0.9), Shape: draw.CircleGlyph{}}, place(p.Sn, p.Sp))
	}
	enlarged := fmt.Sprintf("the cloud × %.0f", room*whole/side)
	haloText(c, aligned(textStyle(8, grey), draw.XLeft, draw.YBottom), place(x, y+side).Add(vg.Point{Y: vg.Points(2)}), enlarged)
}

// density spreads each point over the bins about it and shows the sum, the fullest bin darkest.
func (s Scatter) density(low, high float64) image.Image {
	const (
		bins  = 120
		width = 0.02 // of the kernel, in similarity
		reach = 3    // widths
	)
	sums := make([]float64, bins*bins)
	size := (high - low) / bins
	for _, p := range s.Points {
		x, y := (p.Sn-low)/size-0.5, (p.Sp-low)/size-0.5
		spread := width / size
		for i := max(0, int(y-reach*spread)); i <= min(bins-1, int(y+reach*spread)+1); i++ {
			for j := max(0, int(x-reach*spread)); j <= min(bins-1, int(x+reach*spread)+1); j++ {
				dx, dy := (float64(j)-x)/spread, (float64(i)-y)/spread
				sums[i*bins+j] += math.Exp(-(float64(dx*dx) + float64(dy*dy)) / 2)
			}
		}
	}
	_, top := span(sums...)
	return raster(bins, func(x, y float64) color.NRGBA {
		// The root keeps thin regions visible beside a peak.
		return wash(math.Sqrt(sums[int(y*bins)*bins+int(x*bins)] / top))
	})
}
