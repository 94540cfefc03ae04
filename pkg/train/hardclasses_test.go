package train_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// lookalikes is bars whose classes look alike by fours.
type lookalikes struct{ strokes }

func (l lookalikes) Image(i int) (data.Image, error) {
	class, of := i%l.classes, i/l.classes
	m, err := l.strokes.Image(of*l.classes + class/4*3) // another bar, other noise
	m.Pixels[class] = 1
	return m, err
}

var fours = lookalikes{strokes{classes: 16, perClass: 6, size: 16}}

// A run that draws classes which are taken for each other goes on bit for bit, within a period and where one begins.
func TestHardClassesGoOn(t *testing.T) {
	for about, change := range map[string]func(c *train.Config){
		"plain":       func(*train.Config) {},
		"class-level": func(c *train.Config) { c.Loss = "am-softmax" },
		"averaged":    func(c *train.Config) { c.Average, c.Augment = 0.9, data.DefaultAugment() },
		"remembered":  func(c *train.Config) { c.CrossBatch = 24 },
	} {
		c := tiny()
		c.Steps, c.HardClasses = 8, 3
		change(&c)
		goesOn(t, about, backendtest.Go(t), c, fours, 2, 3, 4)
	}
}

// After the first steps, a batch has classes that look alike. How often they are found, and from how many images, is told.
func TestHardClassesAreDrawn(t *testing.T) {
	b := backendtest.Go(t)
	c := standing("")
	c.Steps, c.HardClasses, c.FrozenNorm = 8, 2, false
	var renewed []int
	result, err := train.Run(t.Context(), b, c, fours, train.Options{Renewed: func(images int, _ time.Duration) { renewed = append(renewed, images) }})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(renewed, []int{96, 96, 96}) {
		t.Errorf("renewed from %v images, want 6 of 16 classes three times", renewed)
	}
	for _, r := range result.History {
		if apart := r.Positive.Mean - r.Negative.Mean; (apart < 0.02) != (r.Step > 2) {
			t.Errorf("step %d: s_p %g, s_n %g", r.Step, r.Positive.Mean, r.Negative.Mean)
		}
	}
}

func TestHardClassesRefuse(t *testing.T) {
	for want, change := range map[string]func(c *train.Config){
		"fewer than all of them, or never (0); got 24 of 24 steps": func(c *train.Config) { c.HardClasses = 24 },
		"got -1 of 24 steps":                            func(c *train.Config) { c.HardClasses = -1 },
		"a batch has all 16 classes of strokes":         func(c *train.Config) { c.Classes = 16 },
		"by super-classes or at random":                 func(c *train.Config) { c.SuperClasses = 2 },
		"super-classes or at random: leave HardClasses": func(c *train.Config) { c.Sampling = train.SampleRandom },
	} {
		c := tiny()
		c.HardClasses = 3
		change(&c)
		if _, err := train.Run(t.Context(), backendtest.Go(t), c, fours, train.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
