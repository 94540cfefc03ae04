package free

import (
	"math"
	"math/rand/v2"
)

// Batch is embeddings of length 1 with their labels.
type Batch struct {
	Labels     []int32
	Embeddings [][]float64 // [images][dim]
}

// Ring returns a batch of two dimensions: classes of images at angles in degrees.
func Ring(classes ...[]float64) (b Batch) {
	for class, degrees := range classes {
		for _, angle := range degrees {
			sin, cos := math.Sincos(angle * math.Pi / 180)
			b.add(class, []float64{cos, sin})
		}
	}
	return b
}

// Scattered returns a batch whose directions are uniformly distributed, of perClass images for each class.
func Scattered(seed uint64, classes, perClass, dim int) (b Batch) {
	random := rand.New(rand.NewPCG(seed, 0))
	for class := range classes {
		for range perClass {
			b.add(class, normal(random, dim))
		}
	}
	return b
}

// Huddle returns a batch as an untrained network gives it: everything resembles everything, and the classes differ a little. Each
// embedding is a direction common to all, plus spread times one of its class's and one of its own.
func Huddle(seed uint64, classes, perClass, dim int, spread float64) (b Batch) {
	random := rand.New(rand.NewPCG(seed, 0))
	common := normal(random, dim)
	for class := range classes {
		kind := normal(random, dim)
		for range perClass {
			own := normal(random, dim)
			for i := range own {
				own[i] = common[i] + spread*(kind[i]+own[i])
			}
			b.add(class, own)
		}
	}
	return b
}

// add appends an embedding in the direction of v.
func (b *Batch) add(class int, v []float64) {
	length := math.Sqrt(dot(v, v))
	for i := range v {
		v[i] /= length
	}
	b.Labels, b.Embeddings = append(b.Labels, int32(class)), append(b.Embeddings, v)
}

// normal draws a vector of a normal distribution, of about length 1.
func normal(random *rand.Rand, dim int) []float64 {
	v := make([]float64, dim)
	for i := range v {
		v[i] = random.NormFloat64() / math.Sqrt(float64(dim))
	}
	return v
}

// Cosines sums up the cosines of a batch's pairs.
type Cosines struct {
	Sp, Sn     float64 // means over the pairs within a class, and between classes
	SmallestSp float64
	LargestSn  float64
}

// Cosines returns those of all pairs of the batch. It needs a pair within a class, and one between classes.
func (b Batch) Cosines() Cosines {
	c := Cosines{SmallestSp: 1, LargestSn: -1}
	var within, between float64
	for i, x := range b.Embeddings {
		for j := range i {
			if s := dot(x, b.Embeddings[j]); b.Labels[i] == b.Labels[j] {
				c.Sp, within, c.SmallestSp = c.Sp+s, within+1, min(c.SmallestSp, s)
			} else {
				c.Sn, between, c.LargestSn = c.Sn+s, between+1, max(c.LargestSn, s)
			}
		}
	}
	c.Sp, c.Sn = c.Sp/within, c.Sn/between
	return c
}

// Found returns the share of images whose nearest other image is of their class: recall@1.
func (b Batch) Found() float64 {
	right := 0.0
	for i, x := range b.Embeddings {
		best, nearest := -1, math.Inf(-1)
		for j, y := range b.Embeddings {
			if s := dot(x, y); i != j && s > nearest {
				best, nearest = j, s
			}
		}
		if b.Labels[best] == b.Labels[i] {
			right++
		}
	}
	return right / float64(len(b.Embeddings))
}

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
