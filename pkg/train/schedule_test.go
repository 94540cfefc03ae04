package train

import (
	"math"
	"testing"
)

func TestSchedule(t *testing.T) {
	for step, want := range map[int]float64{1: 0.1, 5: 0.5, 10: 1, 11: 1, 51: 0.5, 90: (1 + math.Cos(math.Pi*79/80)) / 2} {
		if got := cosine(step, 10, 90); math.Abs(got-want) > 1e-12 {
			t.Errorf("Schedule(%d) = %v, want %v", step, got, want)
		}
	}
	if got := cosine(1, 0, 5); got != 1 {
		t.Errorf("without warm-up the first step has %v, want 1", got)
	}
}

func TestCourses(t *testing.T) {
	c := Config{Warmup: 10, Steps: 90}
	c.Schedule, c.DropEvery, c.DropFactor = ScheduleDrops, 30, 0.1
	for step, want := range map[int]float64{1: 0.1, 10: 1, 11: 1, 40: 1, 41: 0.1, 70: 0.1, 71: 0.01} {
		if got := c.factor(step); math.Abs(got-want) > 1e-12 {
			t.Errorf("drops: step %d has %v, want %v", step, got, want)
		}
	}
	c.Schedule = ScheduleConstant
	for step, want := range map[int]float64{5: 0.5, 11: 1, 90: 1} {
		if got := c.factor(step); got != want {
			t.Errorf("constant: step %d has %v, want %v", step, got, want)
		}
	}
}
