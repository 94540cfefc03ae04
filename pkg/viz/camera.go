package viz

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// camera looks at the box [0, 1]³ from afar: parallel lines stay parallel. The optimum (s_n, s_p) = (0, 1) is the nearest
// corner of the floor and the worst pair (1, 0) the farthest. What a loss asks for rises away from the reader and hides nothing.
type camera struct {
	origin vg.Point  // where the middle of the floor goes
	size   vg.Length // of the floor's edge, before it is turned
}

const (
	azimuth   = -130 * math.Pi / 180
	elevation = 26 * math.Pi / 180
	tallness  = 0.62 // of the box, in edges of its floor
)

// project maps a point of the box to the paper.
func (k camera) project(x, y, z float64) vg.Point {
	sin, cos := math.Sincos(azimuth)
	tilt, lift := math.Sincos(elevation)
	u, v := x-0.5, y-0.5
	across := float64(u*cos) + float64(v*sin)
	depth := float64(v*cos) - float64(u*sin)
	up := float64(z*tallness*lift) + float64(depth*tilt)
	return k.origin.Add(vg.Point{X: k.size * vg.Length(across), Y: k.size * vg.Length(up)})
}

// newCamera fits the box into a rectangle that leaves room for the labels.
func newCamera(room vg.Rectangle) camera {
	sin, cos := math.Sincos(azimuth)
	tilt, lift := math.Sincos(elevation)
	width := math.Abs(sin) + math.Abs(cos)
	floor := width * tilt
	size := min(room.Size().X/vg.Length(width), room.Size().Y/vg.Length(floor+tallness*lift))
	return camera{
		origin: vg.Point{X: (room.Min.X + room.Max.X) / 2, Y: room.Min.Y + size*vg.Length(floor/2)},
		size:   size,
	}
}

// light returns how bright a face of the surface is, given its slopes: 1 when it faces the lamp.
func light(slopeX, slopeY float64) float64 {
	const lampX, lampY, lampZ = 0.24, 0.52, 0.82 // a unit vector over the reader's left shoulder
	normal := math.Sqrt(float64(slopeX*slopeX) + float64(slopeY*slopeY) + 1)
	facing := (float64(-slopeX*lampX) + float64(-slopeY*lampY) + lampZ) / normal
	return 0.72 + 0.28*max(facing, 0)
}
