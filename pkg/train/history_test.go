package train

import (
	"math"
	"testing"
)

func TestSummarize(t *testing.T) {
	got := summarize([]float32{4, 0, 3, 1, 2})
	want := Summary{Mean: 2, Q05: 0.2, Q25: 1, Q50: 2, Q75: 3, Q95: 3.8}
	if math.Abs(got.Q05-want.Q05) > 1e-9 || math.Abs(got.Q95-want.Q95) > 1e-9 || got.Mean != 2 || got.Q25 != 1 || got.Q50 != 2 || got.Q75 != 3 {
		t.Errorf("Summarize = %+v, want %+v", got, want)
	}
}
