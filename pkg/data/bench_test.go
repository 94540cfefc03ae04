package data_test

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// scene is a JPEG photograph of the size that CUB and Cars have most, with as much detail as one.
func scene(b *testing.B) []byte {
	m := image.NewYCbCr(image.Rect(0, 0, 500, 375), image.YCbCrSubsampleRatio420)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range m.Y {
		m.Y[i] = uint8(i%500/2) + uint8(random.IntN(16))
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = uint8(i%250), uint8(i/250)
	}
	return encoded(b, "jpeg", m)
}

func BenchmarkDecode(b *testing.B) {
	raw := scene(b)
	for b.Loop() {
		if _, err := data.DecodeImage(raw); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}

func BenchmarkResizePhoto(b *testing.B) {
	m := must(data.DecodeImage(scene(b)))
	for b.Loop() {
		data.Resize(m, 224)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}

func BenchmarkPhotoAugment(b *testing.B) {
	m := data.Resize(must(data.DecodeImage(scene(b))), 224)
	a := data.PhotoAugment()
	a.Brightness, a.Saturation, a.Hue = 0.2, 0.2, 0.1
	for i := 0; b.Loop(); i++ {
		a.Apply(m, 0, uint64(i))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
