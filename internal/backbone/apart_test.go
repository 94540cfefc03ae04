package backbone

import (
	"math"
	"testing"

	"github.com/unipair/unipair/internal/onnxruntime"
)

// A number that is not finite on one side alone is a difference, wherever it stands.
func TestSame(t *testing.T) {
	array := func(values ...float32) onnxruntime.Array {
		return onnxruntime.Array{Values: values, Dims: []int{len(values)}}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		name string
		a, b onnxruntime.Array
		want bool
	}{
		{"near", array(1, 2, 1000), array(1.5, 2, 1000), true},
		{"far", array(1, 2, 1000), array(3, 2, 1000), false},
		{"NaN, then near", array(nan, 2, 1000), array(1, 2.5, 1000), false},
		{"near, then NaN", array(1, 2, nan), array(1.5, 2, 1000), false},
		{"infinite on one side", array(inf, 2, 1000), array(1, 2.5, 1000), false},
		{"infinite on both", array(inf, 2, 1000), array(inf, 2, 1000), true},
		{"another form", array(1, 2), array(1, 2, 1000), false},
	} {
		if got := same(test.a, test.b); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}
