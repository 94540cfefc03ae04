package main

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"

	"github.com/unipair/unipair/pkg/data"
)

// longTail is a set of examples that are made when they are asked for: class c has classes/(c+1) of them, at least one.
type longTail struct {
	names []string
	ends  []int // the first example after each class
}

// features counts the numbers of an example.
const features = 64

func newLongTail(classes int) *longTail {
	t := &longTail{names: make([]string, classes), ends: make([]int, classes)}
	end := 0
	for c := range classes {
		end += classes / (c + 1)
		t.names[c], t.ends[c] = strconv.Itoa(c), end
	}
	return t
}

func (t *longTail) Name() string        { return fmt.Sprintf("long tail of %d classes", len(t.names)) }
func (t *longTail) Len() int            { return t.ends[len(t.ends)-1] }
func (t *longTail) Classes() []string   { return t.names }
func (t *longTail) Label(i int) int     { return sort.SearchInts(t.ends, i+1) }
func (t *longTail) Format() data.Format { return data.Format{Channels: 1, Features: features} }

// Image returns a class's own point with noise of half its size.
func (t *longTail) Image(i int) (data.Image, error) {
	class, noise := rand.New(rand.NewPCG(uint64(t.Label(i)), 1)), rand.New(rand.NewPCG(uint64(i), 2))
	example := data.Image{Width: features, Height: 1, Pixels: make([]float32, features)}
	for j := range example.Pixels {
		example.Pixels[j] = float32(class.NormFloat64() + noise.NormFloat64()/2)
	}
	return example, nil
}
