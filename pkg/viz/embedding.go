package viz

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// EmbeddingMap is a picture of the embeddings of a data set.
type EmbeddingMap struct {
	Title      string   // above the picture; may be empty
	Points     []Point  // one per embedding, at least one
	Labels     []int32  // the class of each point, from 0
	Names      []string // of the classes, written at their middles; may be nil
	Legend     []string // of the classes, written under the title beside their glyphs; may be nil
	Across, Up string   // what the axes are, with how much of the variance they hold
}

// PCA puts embeddings on the plane in which they vary most, their first two principal components. It is a projection: nothing is
// torn or invented, and what lies along other directions is lost; the axes say how much is left. labels holds one per embedding.
func PCA(title string, labels []int32, embeddings [][]float64) (EmbeddingMap, error) {
	if err := checkBatch("PCA", labels, embeddings); err != nil {
		return EmbeddingMap{}, fmt.Errorf("%w (%s)", err, title)
	}
	n, dim := len(embeddings), len(embeddings[0])
	if n < 2 || dim < 2 {
		return EmbeddingMap{}, fmt.Errorf("viz.PCA: %s: want at least 2 embeddings of at least 2 numbers, got %d of %d", title, n, dim)
	}
	matrix := mat.NewDense(n, dim, nil)
	for i, row := range embeddings {
		matrix.SetRow(i, row)
	}
	var components stat.PC
	if !components.PrincipalComponents(matrix, nil) {
		return EmbeddingMap{}, fmt.Errorf("viz.PCA: %s: the singular value decomposition of %d × %d does not converge", title, n, dim)
	}
	var vectors mat.Dense
	components.VectorsTo(&vectors)
	variances := components.VarsTo(nil)
	total := 0.0
	for _, v := range variances {
		total += v
	}
	m := EmbeddingMap{Title: title, Labels: labels, Points: make([]Point, n)}
	for axis, place := range []struct {
		name string
		set  func(p *Point, x float64)
	}{{"first", func(p *Point, x float64) { p.X = x }}, {"second", func(p *Point, x float64) { p.Y = x }}} {
		share := 0.0
		if axis < len(variances) {
			if total > 0 {
				share = variances[axis] / total
			}
			direction := upright(vectors.ColView(axis))
			for i, row := range embeddings {
				place.set(&m.Points[i], mat.Dot(direction, mat.NewVecDense(dim, row)))
			}
		}
		name := fmt.Sprintf("%s component (%.0f %% of the variance)", place.name, 100*share)
		if axis == 0 {
			m.Across = name
		} else {
			m.Up = name
		}
	}
	return m, nil
}

// upright turns a direction, whose sign is arbitrary, so that its largest entry is positive: equal data gives equal maps.
func upright(v mat.Vector) mat.Vector {
	largest := 0.0
	for i := range v.Len() {
		if math.Abs(v.AtVec(i)) > math.Abs(largest)+1e-9 {
			largest = v.AtVec(i)
		}
	}
	turned := mat.NewVecDense(v.Len(), nil)
	turned.ScaleVec(math.Copysign(1, largest), v)
	return turned
}

// EmbeddingMaps draws embeddings by their class's shape and colour, in rows of the given number of columns. In each, both axes have
// one scale, so that distances on paper compare.
func EmbeddingMaps(columns int, maps ...EmbeddingMap) (Figure, error) {
	if err := checkTiles("EmbeddingMaps", "maps", len(maps), columns); err != nil {
		return Figure{}, err
	}
	alts := []string{"Embeddings on a plane, by class."}
	var panels []panel
	for _, m := range maps {
		if err := checkPoints("EmbeddingMaps", m.Title, m.Points, m.Labels); err != nil {
			return Figure{}, err
		}
		alts = append(alts, m.alt())
		panels = append(panels, m.draw)
	}
	return tile(sentence(alts...), columns, 262, 262, panels), nil
}

// middles returns the means of the classes, in the order in which they come.
func (m EmbeddingMap) middles() (classes []int32, at map[int32]Point) {
	count := map[int32]float64{}
	at = map[int32]Point{}
	for i, p := range m.Points {
		class := m.Labels[i]
		if count[class] == 0 {
			classes = append(classes, class)
		}
		count[class]++
		at[class] = Point{at[class].X + p.X, at[class].Y + p.Y}
	}
	for class, n := range count {
		at[class] = Point{at[class].X / n, at[class].Y / n}
	}
	return classes, at
}

// alt tells how far the classes are apart beside how wide they are, on the paper.
func (m EmbeddingMap) alt() string {
	classes, middle := m.middles()
	within, between, pairs := 0.0, 0.0, 0.0
	for i, p := range m.Points {
		c := middle[m.Labels[i]]
		within += math.Hypot(p.X-c.X, p.Y-c.Y) / float64(len(m.Points))
	}
	for i, a := range classes {
		for _, b := range classes[:i] {
			between += math.Hypot(middle[a].X-middle[b].X, middle[a].Y-middle[b].Y)
			pairs++
		}
	}
	text := fmt.Sprintf("%s: %d points of %d classes, across %s, up %s; a point is %s from its class's middle",
		m.Title, len(m.Points), len(classes), m.Across, m.Up, short(within))
	if pairs > 0 {
		text += fmt.Sprintf(", two middles are %s apart on average", short(between/pairs))
	}
	return text + "."
}

// drawLegend writes names beside the glyphs of their classes in a row round (x, y).
func drawLegend(c draw.Canvas, x, y vg.Length, names []string) {
	const toName, toNext = 6, 18 // points
	style := aligned(textStyle(8.5, ink), draw.XLeft, draw.YCenter)
	wide := vg.Points(float64(len(names)*toName + (len(names)-1)*toNext))
	for _, name := range names {
		wide += style.Width(name)
	}
	x -= wide / 2
	for i, name := range names {
		c.DrawGlyph(glyphOf(int32(i), 2.6), vg.Point{X: x, Y: y})
		c.FillText(style, vg.Point{X: x + vg.Points(toName), Y: y}, name)
		x += vg.Points(toName+toNext) + style.Width(name)
	}
}

func (m EmbeddingMap) draw(c draw.Canvas) {
	c.FillText(aligned(bold(textStyle(10.5, ink)), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y}, m.Title)
	room := draw.Crop(c, vg.Points(18), 0, vg.Points(18), -vg.Points(20))
	if len(m.Legend) > 0 {
		drawLegend(c, room.Center().X, room.Max.Y-vg.Points(4), m.Legend)
		room.Max.Y -= vg.Points(16)
	}
	c.SetLineStyle(line(0.6, paleGrey))
	c.Stroke(room.Rectangle.Path())
	at := frameOf(draw.Crop(room, vg.Points(8), -vg.Points(8), vg.Points(8), -vg.Points(8)), m.Points)
	for i, p := range m.Points {
		c.DrawGlyph(glyphOf(m.Labels[i], 2.6), at(p))
	}
	classes, middle := m.middles()
	for _, class := range classes {
		if int(class) < len(m.Names) {
			haloText(c, aligned(bold(textStyle(8.5, ink)), draw.XCenter, draw.YCenter), at(middle[class]), m.Names[class])
		}
	}
	small := aligned(textStyle(8.5, ink), draw.XCenter, draw.YBottom)
	c.FillText(small, vg.Point{X: room.Center().X, Y: c.Min.Y}, m.Across)
	small.Rotation = math.Pi / 2
	c.FillText(small, vg.Point{X: c.Min.X + vg.Points(12), Y: room.Center().Y}, m.Up)
}
