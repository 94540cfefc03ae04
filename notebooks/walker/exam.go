package walker

import (
	"cmp"
	"math"
	"slices"

	"github.com/unipair/unipair/notebooks/annotate"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/viz"
)

// Embedded is the frames of clips as vectors, clip after clip: centred and of length 1, since what all frames have in common tells none from
// another.
type Embedded struct {
	clips []Clip
	set   eval.Set // its labels are the clips'
}

func newEmbedded(some []Clip, size int, flat []float32) Embedded {
	e := Embedded{clips: some, set: eval.Set{Dim: size, Embeddings: flat}}
	mean := make([]float64, size)
	for i, x := range flat {
		mean[i%size] += float64(x) / float64(len(flat)/size)
	}
	for i := range len(flat) / size {
		e.set.Labels = append(e.set.Labels, int32(i/Long))
		v, square := flat[i*size:(i+1)*size], 0.0
		for k := range v {
			v[k] -= float32(mean[k])
			square += float64(v[k]) * float64(v[k])
		}
		for k := range v {
			v[k] /= float32(math.Sqrt(max(square, 1e-12)))
		}
	}
	return e
}

// Pixels returns the frames themselves.
func Pixels(some []Clip) Embedded {
	var flat []float32
	for _, c := range some {
		for _, frame := range c.Frames {
			flat = append(flat, frame...)
		}
	}
	return newEmbedded(some, pixel, flat)
}

func (e Embedded) phase(i int) float64 { return e.clips[i/Long].Phase[i%Long] }

func (e Embedded) similarity(i, j int) (sum float64) {
	x, y := e.set.Embeddings[i*e.set.Dim:(i+1)*e.set.Dim], e.set.Embeddings[j*e.set.Dim:(j+1)*e.set.Dim]
	for k := range x {
		sum += float64(x[k]) * float64(y[k])
	}
	return sum
}

// PhaseError returns the mark of the exam. It is, of each frame, how far the phase of the most similar frame of any other clip is from its
// own, in degrees, as a mean. Who guesses is wrong by 90.
func (e Embedded) PhaseError() float64 {
	total := 0.0
	for i := range e.set.Len() {
		best, nearest := math.Inf(-1), 0
		for j := range e.set.Len() {
			if s := e.similarity(i, j); i/Long != j/Long && s > best {
				best, nearest = s, j
			}
		}
		total += between(e.phase(i), e.phase(nearest)) / float64(e.set.Len())
	}
	return total
}

// between returns the angle between two phases, in degrees.
func between(x, y float64) float64 { return math.Abs(math.Remainder(x-y, 2*math.Pi)) * 180 / math.Pi }

// Apart returns the mean similarity of two frames of a clip over the time between them, in its periods: in steps of a twelfth, up to one and
// a half.
func (e Embedded) Apart(name string) viz.Curve {
	const parts = 12
	sums, counts := make([]float64, 3*parts/2+1), make([]float64, 3*parts/2+1)
	for i := range e.set.Len() {
		for j := i + 1; j < e.set.Len() && j/Long == i/Long; j++ {
			if k := int(math.Round(parts * float64(j-i) / e.clips[i/Long].Period)); k < len(sums) {
				sums[k] += e.similarity(i, j)
				counts[k]++
			}
		}
	}
	curve := viz.Curve{Name: name}
	for k, sum := range sums {
		if counts[k] > 0 {
			curve.X, curve.Mean = append(curve.X, float64(k)/parts), append(curve.Mean, sum/counts[k])
		}
	}
	return curve
}

// Labelled says how well the phases of some clips' frames are told from those of n frames that were labelled. A strategy chose these among
// the other clips'. It returns the error of the nearest labelled frame, in degrees, as a mean. The first half of the clips are those to
// label.
func (e Embedded) Labelled(strategy annotate.Strategy, n int, seed uint64) float64 {
	half := len(e.clips) / 2 * Long
	pool := eval.Set{Dim: e.set.Dim, Embeddings: e.set.Embeddings[:half*e.set.Dim], Labels: make([]int32, half)}
	chosen := annotate.Ask(strategy, pool, n, seed)
	total := 0.0
	for i := half; i < e.set.Len(); i++ {
		nearest := slices.MaxFunc(chosen, func(a, b int) int { return cmp.Compare(e.similarity(i, a), e.similarity(i, b)) })
		total += between(e.phase(i), e.phase(nearest)) / float64(e.set.Len()-half)
	}
	return total
}

// Show returns what draws the moments of one of the clips among all, on the plane in which the frames vary most.
func (e Embedded) Show(title string, clip int) (moment func(frame int) viz.Clip, err error) {
	vectors := make([][]float64, e.set.Len())
	c := viz.Clip{Title: title}
	for i := range vectors {
		for _, x := range e.set.Embeddings[i*e.set.Dim : (i+1)*e.set.Dim] {
			vectors[i] = append(vectors[i], float64(x))
		}
		c.Phase = append(c.Phase, e.phase(i))
		if i/Long == clip {
			c.Way = append(c.Way, i)
		}
	}
	m, err := viz.PCA(title, e.set.Labels, vectors)
	c.Points = m.Points
	return func(frame int) viz.Clip {
		at := c
		at.At, at.Frame = frame, e.clips[clip].Picture(frame)
		return at
	}, err
}
