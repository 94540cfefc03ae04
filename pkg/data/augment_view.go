package data

import "math"

// View is a fixed affine map of an image, as [Augment] draws them at random: the image is turned, sheared, scaled and shifted about its
// centre. The zero value leaves the image as it is.
type View struct {
	RotationDegrees float64 // angle in degrees
	Shear           float64 // how far x moves per unit of y
	LogScale        float64 // natural logarithm of the size
	LogAspect       float64 // natural logarithm of width over height, at an equal area
	ShiftX, ShiftY  float64 // in half-widths of the image
}

// SmallViews returns eight views that leave an image what it is, about a third of [DefaultAugment] to each side: turned, sheared, scaled
// and drawn out. They were fixed before anything was measured with them.
func SmallViews() []View {
	return []View{
		{RotationDegrees: 6}, {RotationDegrees: -6}, {Shear: 0.1}, {Shear: -0.1},
		{LogScale: 0.07}, {LogScale: -0.07}, {LogAspect: 0.08}, {LogAspect: -0.08},
	}
}

// Apply returns the image changed. It panics when the image is none: not as many numbers as pixels, or one that is not finite.
func (v View) Apply(m Image) Image {
	if err := m.validate(); err != nil {
		panic(err)
	}
	out := Image{m.Width, m.Height, make([]float32, len(m.Pixels))}
	v.affine().apply(out.Pixels, m)
	return out
}

// affine returns the way back from a pixel of the result: turned, then sheared, then scaled, each by the inverse of what the picture
// undergoes.
func (v View) affine() affine {
	sin, cos := math.Sincos(v.RotationDegrees * math.Pi / 180)
	wide, high := math.Exp(v.LogScale+v.LogAspect/2), math.Exp(v.LogScale-v.LogAspect/2)
	return affine{
		xx: (cos + v.Shear*sin) / wide, xy: (sin - v.Shear*cos) / wide,
		yx: -sin / high, yy: cos / high,
		dx: v.ShiftX, dy: v.ShiftY,
	}
}
