package viz_test

import (
	"testing"

	"gonum.org/v1/plot/cmpimg"
)

// TestGolden compares what each Example draws with testdata/*_golden.png. After a wanted change, look at the new pictures:
//
//	go test ./pkg/viz -run Golden -regen
func TestGolden(t *testing.T) {
	// Edges may fall half a shade apart where a processor fuses multiply and add.
	const tolerance = 0.1
	for _, golden := range []struct {
		file    string
		example func()
	}{
		{"planes.png", ExamplePlanes},
		{"surfaces.png", ExampleSurfaces},
		{"heatmaps.png", ExampleHeatMaps},
		{"linecharts.png", ExampleLineCharts},
		{"scatters.png", ExampleScatters},
		{"flows.png", ExampleFlows},
		{"gallery.png", ExampleGallery},
		{"errorbars.png", ExampleErrorBars},
		{"animation.png", ExampleAnimation},
		{"pairgraphs.png", ExamplePairGraphs},
		{"classmaps.png", ExampleClassMaps},
		{"costs.png", ExampleCosts},
		{"embeddingmaps.png", ExampleEmbeddingMaps},
		{"clipmoment.png", ExampleClipMoment},
	} {
		t.Run(golden.file, func(t *testing.T) {
			cmpimg.CheckPlotApprox(golden.example, t, tolerance, golden.file)
		})
	}
}
