package viz_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/viz"
)

func figures(t *testing.T) map[string]viz.Figure {
	t.Helper()
	made := map[string]viz.Figure{}
	add := func(name string, figure viz.Figure, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		made[name] = figure
	}
	curve := viz.Curve{Name: "s_p & <s_n>", X: []float64{1, 2}, Mean: []float64{0.1, 0.2}, Low: []float64{0, 0.1}, High: []float64{0.2, 0.3}}
	figure, err := viz.LineCharts(1, viz.LineChart{Title: "one", Label: "L", Curves: []viz.Curve{curve}})
	add("LineCharts", figure, err)
	figure, err = viz.Surfaces(1, bowl())
	add("Surfaces", figure, err)
	figure, err = viz.HeatMaps(1, bowl())
	add("HeatMaps", figure, err)
	figure, err = viz.Scatters(1, viz.Scatter{Title: "one point", Points: []viz.ScorePair{{Sn: 0.5, Sp: 0.5}}})
	add("Scatters", figure, err)
	figure, err = viz.Flows(1, viz.Flow{Title: "at rest", Paths: [][]viz.ScorePair{{{Sn: 0.5, Sp: 0.5}}}})
	add("Flows", figure, err)
	figure, err = viz.Gallery("rings", []viz.GalleryRow{{Query: ring(5), Neighbours: []viz.Retrieved{{Image: ring(6), Similarity: 0.5}}}})
	add("Gallery", figure, err)
	figure, err = viz.ErrorBars("error", "error (%)", []viz.ErrorBar{{Name: "a", Mean: 1, Low: 1, High: 1}})
	add("ErrorBars", figure, err)
	corner := []viz.Point{{X: 1, Y: 0}}
	pulls := viz.Pulls{Positive: [][]bool{{false}}, Weight: [][]float64{{0}}}
	figure, err = viz.PairGraphs(1, viz.PairGraph{Title: "alone", Points: corner, Labels: []int32{0}, Pulls: pulls})
	add("PairGraphs", figure, err)
	figure, err = viz.ClassMaps(1, viz.ClassMap{Title: "one class", Weights: corner})
	add("ClassMaps", figure, err)
	figure, err = viz.EmbeddingMaps(1, viz.EmbeddingMap{Title: "one point", Points: corner, Labels: []int32{0}})
	add("EmbeddingMaps", figure, err)
	figure, err = viz.Costs(1, viz.Cost{Title: "one size", Contenders: []viz.Contender{{Name: "a", N: []float64{1}, Cost: []float64{1}}}})
	add("Costs", figure, err)
	animation, err := ramps()
	if err != nil {
		t.Fatal(err)
	}
	figure, err = animation.Figure()
	add("Animation", figure, err)
	figure, err = viz.Planes(viz.Plane{Title: "plane", Boundary: viz.LineBoundary(0.3), Arrows: []viz.Arrow{{Name: "at rest"}}})
	add("Planes", figure, err)
	return made
}

func TestEqualDataGivesEqualBytes(t *testing.T) {
	first, second := figures(t), figures(t)
	for name := range first {
		for format, render := range map[string]func(viz.Figure) ([]byte, error){"SVG": viz.Figure.SVG, "PNG": viz.Figure.PNG} {
			a, errA := render(first[name])
			b, errB := render(second[name])
			if errA != nil || errB != nil {
				t.Fatalf("%s %s: %v, %v", name, format, errA, errB)
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s: two %s of the same data differ", name, format)
			}
		}
	}
}

func TestSVGIsWellFormedAndSaysWhatItShows(t *testing.T) {
	for name, figure := range figures(t) {
		svg, err := figure.SVG()
		if err != nil {
			t.Fatal(err)
		}
		label := ""
		decoder := xml.NewDecoder(bytes.NewReader(svg))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if element, ok := token.(xml.StartElement); ok && element.Name.Local == "text" && element.Attr[0].Name.Local != "textLength" {
				t.Fatalf("%s: a text does not say how wide it is", name)
			}
			if element, ok := token.(xml.StartElement); ok && element.Name.Local == "svg" {
				for _, attribute := range element.Attr {
					if attribute.Name.Local == "aria-label" {
						label = attribute.Value
					}
				}
			}
		}
		if label == "" || label != figure.Alt {
			t.Errorf("%s: aria-label %q, want the figure's Alt %q", name, label, figure.Alt)
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
			t.Errorf("%s: a coordinate is not a number", name)
		}
	}
}

func TestPNGHasTwoPixelsAPoint(t *testing.T) {
	picture, err := figures(t)["ErrorBars"].PNG()
	if err != nil {
		t.Fatal(err)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	if config.Width != 1040 {
		t.Errorf("width = %d pixels, want 1040 for 520 points", config.Width)
	}
}

func TestRejections(t *testing.T) {
	nan := math.NaN()
	tall := bowl()
	tall.Height = tall.Height[1:]
	hole := bowl()
	hole.Height[2][3] = nan
	for name, c := range map[string]struct {
		draw func() (viz.Figure, error)
		want string
	}{
		"no planes": {func() (viz.Figure, error) { return viz.Planes() }, "no planes"},
		"NaN arrow": {func() (viz.Figure, error) {
			return viz.Planes(viz.Plane{Arrows: []viz.Arrow{{Name: "A", At: viz.ScorePair{Sn: nan}}}})
		}, "arrow A"},
		"infinite mark": {func() (viz.Figure, error) {
			return viz.Planes(viz.Plane{Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sp: math.Inf(1)}}}})
		}, "target T"},
		"no surfaces": {func() (viz.Figure, error) { return viz.Surfaces(1) }, "no surfaces"},
		"no columns":  {func() (viz.Figure, error) { return viz.HeatMaps(0, bowl()) }, "columns must be ≥ 1"},
		"missing row": {func() (viz.Figure, error) { return viz.Surfaces(1, tall) }, "got 20 and 21"},
		"NaN height":  {func() (viz.Figure, error) { return viz.HeatMaps(1, hole) }, "Height [2] [3] is NaN"},
		"uneven curve": {func() (viz.Figure, error) {
			return viz.LineCharts(1, viz.LineChart{Curves: []viz.Curve{{Name: "L", X: []float64{1, 2}, Mean: []float64{1}}}})
		}, "got 1 for 2"},
		"half a band": {func() (viz.Figure, error) {
			return viz.LineCharts(1, viz.LineChart{Curves: []viz.Curve{{Name: "L", X: []float64{1}, Mean: []float64{1}, Low: []float64{1}}}})
		}, "High must have"},
		"three uneven curves": {func() (viz.Figure, error) {
			curve := viz.Curve{Name: "L", X: []float64{1}, Mean: []float64{}, Low: []float64{1, 2}, High: []float64{1, 2, 3}}
			return viz.LineCharts(1, viz.LineChart{Curves: []viz.Curve{curve}})
		}, "L: Mean must have one for each of X, got 0 for 1"},
		"two uneven ends": {func() (viz.Figure, error) {
			curve := viz.Curve{Name: "L", X: []float64{1}, Mean: []float64{1}, Low: []float64{1, 2}, High: []float64{1, 2, 3}}
			return viz.LineCharts(1, viz.LineChart{Curves: []viz.Curve{curve}})
		}, "L: Low must have one for each of X, got 2 for 1"},
		"no class vectors": {func() (viz.Figure, error) { return viz.ClassMaps(1, viz.ClassMap{Title: "m"}) }, "no class vectors in m"},
		"turned sector": {func() (viz.Figure, error) {
			return viz.ClassMaps(1, viz.ClassMap{Title: "m", Weights: make([]viz.Point, 1), Sectors: []viz.Sector{{From: 1, To: 0}}})
		}, "From < To"},
		"NaN pull": {func() (viz.Figure, error) {
			pulls := viz.Pulls{Positive: [][]bool{{false}}, Weight: [][]float64{{nan}}}
			return viz.PairGraphs(1, viz.PairGraph{Title: "g", Points: make([]viz.Point, 1), Labels: []int32{0}, Pulls: pulls})
		}, "g: Weight [0] [0] is NaN"},
		"pulls of others": {func() (viz.Figure, error) {
			return viz.PairGraphs(1, viz.PairGraph{Title: "g", Points: make([]viz.Point, 1), Labels: []int32{0}})
		}, "want pulls of 1 images, got 0"},
		"label missing": {func() (viz.Figure, error) {
			return viz.PairGraphs(1, viz.PairGraph{Title: "g", Points: make([]viz.Point, 1)})
		}, "got 0 for 1"},
		"mark off the plane": {func() (viz.Figure, error) {
			off := bowl()
			off.Marks = []viz.Mark{{Name: "A", At: viz.ScorePair{Sn: 1.1, Sp: 0.5}}}
			return viz.Surfaces(1, off)
		}, "mark A must be on the plane, from 0 to 1"},
		"low top":   {func() (viz.Figure, error) { low := bowl(); low.Top = 0.5; return viz.Surfaces(1, low) }, "Top must be 0 or"},
		"one frame": {func() (viz.Figure, error) { return viz.Animation{Name: "γ"}.Figure() }, "at least 2 frames"},
		"empty frame": {func() (viz.Figure, error) {
			return viz.Animation{Name: "γ", Frames: make([]viz.Frame, 2)}.Figure()
		}, "frame 0 ()"},
		"no still": {func() (viz.Figure, error) {
			return viz.Animation{Name: "γ", Frames: make([]viz.Frame, 2), Still: 2}.Figure()
		}, "Still must be"},
		"no curves": {func() (viz.Figure, error) { return viz.LineCharts(1, viz.LineChart{Title: "empty"}) }, "no curves in empty"},
		"no points": {func() (viz.Figure, error) { return viz.Scatters(1, viz.Scatter{Title: "empty"}) }, "no points in empty"},
		"NaN point": {func() (viz.Figure, error) {
			return viz.Scatters(1, viz.Scatter{Title: "s", Points: []viz.ScorePair{{Sn: nan}}})
		}, "s: point 0"},
		"no image": {func() (viz.Figure, error) { return viz.Gallery("g", []viz.GalleryRow{{}}) }, "no query image"},
		"upside down": {func() (viz.Figure, error) {
			return viz.ErrorBars("t", "l", []viz.ErrorBar{{Name: "a", Mean: 1, Low: 2, High: 3}})
		}, "Low ≤ Mean ≤ High"},
		"NaN reference": {func() (viz.Figure, error) {
			return viz.ErrorBars("t", "l", []viz.ErrorBar{{Name: "a"}}, viz.Reference{Name: "r", Value: nan})
		}, "r [0] is NaN"},
		"nothing to see": {func() (viz.Figure, error) { return viz.Gallery("g", nil) }, "no rows"},
	} {
		for range 20 { // of two faults the same one is named each time
			if _, err := c.draw(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
				break
			}
		}
	}
}

func TestSaveRefusesWhatItCannotWrite(t *testing.T) {
	figure := figures(t)["ErrorBars"]
	if err := figure.Save("figure.gif"); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("Save(figure.gif): got error %v, want one that names the formats", err)
	}
	if err := figure.Save(filepath.Join(t.TempDir(), "none", "figure.svg")); err == nil {
		t.Error("Save into a missing folder: want an error")
	}
	if err := (viz.Figure{}).Save(filepath.Join(t.TempDir(), "figure.svg")); err == nil || !strings.Contains(err.Error(), "empty Figure") {
		t.Errorf("Save of the zero Figure: got error %v, want one that says it is empty", err)
	}
}

// A figure's page holds an image for each panel, with the whole text at the first and in the caption.
func TestPanelsAreImagesOfTheirOwn(t *testing.T) {
	planes := []viz.Plane{{Title: "a", Threshold: 0.45, Targets: []viz.Mark{{Name: "T", At: viz.ScorePair{Sn: 0.2, Sp: 0.5}}, {Name: "T′", At: viz.ScorePair{Sn: 0.5, Sp: 0.8}}}}, {Title: "b"}, {Title: "c"}}
	for n, want := range map[int]string{1: "max-width:100%", 2: "width:50%", 3: "width:33.33%"} {
		figure, err := viz.Planes(planes[:n]...)
		if err != nil {
			t.Fatal(err)
		}
		page, err := figure.HTML()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(page), "<img "); got != n || !strings.Contains(string(page), want) {
			t.Errorf("%d panels: %d images, %.200q; want %q", n, got, page, want)
		}
		if !strings.Contains(string(page), "between-class score <i>s</i><sub>n</sub>") {
			t.Errorf("%d panels: no subscript in the caption", n)
		}
		if got := strings.Count(string(page), "A threshold of 0.45 serves T."); got != 1 {
			t.Errorf("%d panels: the text is there %d times, want in the caption alone", n, got)
		}
	}
}

// On a dark page paper is dark and ink is light; what a colour map has painted stays.
func TestFiguresAreDarkInTheDark(t *testing.T) {
	figure, err := viz.Planes(viz.Plane{Title: "a", Boundary: viz.LineBoundary(0.3)})
	if err != nil {
		t.Fatal(err)
	}
	svg, err := figure.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"@media (prefers-color-scheme: dark)", `[style*="fill:#FFFFFF"]{fill:#161616!important}`, `[style*="fill:#222222"]{fill:#e8e8e8!important}`,
		`[style*="stroke:#009E73"]{stroke:#2fc79a!important}`,
	} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("no %q in %.600s", want, svg)
		}
	}
}
