package viz_test

import (
	"fmt"
	"image"
	"image/color"

	"github.com/unipair/unipair/pkg/viz"
)

// ring is a picture of a ring of a radius, ink on paper.
func ring(radius int) image.Image {
	picture := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 28 {
		for x := range 28 {
			far := (x-14)*(x-14) + (y-14)*(y-14) - radius*radius
			shade := color.Gray{Y: 255}
			if -20 < far && far < 20 {
				shade.Y = 0
			}
			picture.SetGray(x, y, shade)
		}
	}
	return picture
}

func ExampleGallery() {
	figure, err := viz.Gallery("Rings and what they find", []viz.GalleryRow{
		{Query: ring(8), Neighbours: []viz.Retrieved{
			{Image: ring(8), Similarity: 0.97, Right: true}, {Image: ring(7), Similarity: 0.81}, {Image: ring(8), Similarity: 0.8, Right: true}}},
		{Query: ring(5), Neighbours: []viz.Retrieved{
			{Image: ring(5), Similarity: 0.93, Right: true}, {Image: ring(5), Similarity: 0.9, Right: true}, {Image: ring(9), Similarity: 0.42}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/gallery.png"); err != nil {
		fmt.Println(err)
	}
}

func ExampleErrorBars() {
	figure, err := viz.ErrorBars("One-shot error", "20-way one-shot error (%)",
		[]viz.ErrorBar{
			{Name: "circle", Mean: 16.5, Low: 15.1, High: 17.9, Runs: []float64{15.1, 16.5, 17.9}},
			{Name: "triplet", Mean: 22.8, Low: 22.2, High: 23.4},
		},
		viz.Reference{Name: "people (Lake et al. 2015)", Value: 4.5},
		viz.Reference{Name: "deep convnet (Lake et al. 2015)", Value: 24})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := figure.Save("testdata/errorbars.png"); err != nil {
		fmt.Println(err)
	}
}
