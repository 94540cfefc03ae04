package walker

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

const (
	side  = 28 // pixels of a frame
	Long  = 48 // frames of a clip
	pixel = side * side
)

// Clip is a walk on the spot: its frames, and the phase of the step in each, in radians.
type Clip struct {
	Frames [][]float32 // [Long][side²] of ink in [0, 1]
	Phase  []float64
	Period float64 // frames of a whole step of both legs
}

// walker holds what two people differ in: lengths in pixels, angles in radians.
type walker struct {
	torso, leg, arm, head, swing, lean, knee, scale, dx, dy, thick float64
}

// Clips draws the walks of n people.
func Clips(seed uint64, n int) []Clip {
	random := rand.New(rand.NewPCG(seed, 0))
	clips := make([]Clip, n)
	for i := range clips {
		between := func(low, high float64) float64 { return low + (high-low)*random.Float64() }
		w := walker{
			torso: between(6, 9), leg: between(4, 5.5), arm: between(3, 4.2), head: between(1.2, 2.2), swing: between(0.45, 0.8),
			lean: between(-0.15, 0.2), knee: between(0.3, 0.9), scale: between(0.85, 1.1), dx: between(-2, 2), dy: between(-1.5, 1.5),
			thick: between(0.6, 1.1),
		}
		c := &clips[i]
		c.Period = between(16, 30)
		start := between(0, 2*math.Pi)
		for t := range Long {
			phase := start + 2*math.Pi*float64(t)/c.Period
			c.Phase = append(c.Phase, phase)
			c.Frames = append(c.Frames, w.frame(phase, random))
		}
	}
	return clips
}

// frame draws the figure at a phase, a little unsteady.
func (w walker) frame(phase float64, random *rand.Rand) []float32 {
	p := make(paper, pixel)
	hip := point{14 + w.dx + 0.3*random.NormFloat64(), 15 + w.dy + 0.3*random.NormFloat64() - 0.6*math.Abs(math.Cos(phase))}
	neck := hip.towards(-w.lean, -w.scale*w.torso)
	p.limb(hip, neck, w.thick)
	p.disc(point{neck.x, neck.y - w.scale*w.head}, w.scale*w.head)
	for _, limb := range []struct{ shift, far float64 }{{0, 1}, {math.Pi, 0.7}} { // the far side is thinner
		hips := w.swing * math.Sin(phase+limb.shift)
		knee := hip.towards(hips, w.scale*w.leg)
		p.limb(hip, knee, w.thick)
		p.limb(knee, knee.towards(hips-w.knee*max(0, math.Cos(phase+limb.shift)), w.scale*w.leg), w.thick*limb.far)
		shoulder := -0.8 * w.swing * math.Sin(phase+limb.shift)
		elbow := neck.towards(shoulder, w.scale*w.arm)
		p.limb(neck, elbow, w.thick*limb.far)
		p.limb(elbow, elbow.towards(shoulder+0.5, w.scale*w.arm), w.thick*0.7)
	}
	return p
}

type point struct{ x, y float64 }

// towards returns the end of a line of a length that hangs down at an angle.
func (p point) towards(angle, length float64) point {
	sin, cos := math.Sincos(angle)
	return point{p.x + length*sin, p.y + length*cos}
}

// paper is a frame while it is drawn: ink in [0, 1].
type paper []float32

// ink puts as much on each pixel as a distance from a shape leaves.
func (p paper) ink(distance func(x, y float64) float64) {
	for i := range p {
		covered := 0.5 - distance(float64(i%side), float64(i/side))
		p[i] = max(p[i], float32(min(max(covered, 0), 1)))
	}
}

func (p paper) disc(at point, radius float64) {
	p.ink(func(x, y float64) float64 { return math.Hypot(x-at.x, y-at.y) - radius })
}

func (p paper) limb(from, to point, thick float64) {
	dx, dy := to.x-from.x, to.y-from.y
	square := max(dx*dx+dy*dy, 1e-6)
	p.ink(func(x, y float64) float64 {
		along := min(max(((x-from.x)*dx+(y-from.y)*dy)/square, 0), 1)
		return math.Hypot(x-from.x-along*dx, y-from.y-along*dy) - thick
	})
}

// Picture returns a frame, dark on light.
func (c Clip) Picture(frame int) image.Image {
	out := image.NewGray(image.Rect(0, 0, side, side))
	for i, ink := range c.Frames[frame] {
		out.SetGray(i%side, i/side, color.Gray{Y: uint8(math.Round(255 * (1 - float64(ink))))})
	}
	return out
}
