package train_test

import (
	"errors"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

var errSeen = errors.New("seen enough")

// What a configuration leaves open is filled in by the package, so that a Go program gets what the command gets, and is told.
func TestWhatIsLeftOpen(t *testing.T) {
	for _, test := range []struct {
		name    string
		change  func(c *train.Config)
		set     data.Dataset
		options train.Options
		want    func(c train.Config, learnt data.Dataset) bool
	}{
		{
			"as many classes as there are", func(c *train.Config) { c.Classes = 0 }, bars, train.Options{},
			func(c train.Config, learnt data.Dataset) bool { return c.Classes == 8 && len(learnt.Classes()) == 8 },
		},
		{
			"as many classes as are not held out", func(c *train.Config) { c.Classes, c.Validation.Fraction = 0, 0.5 }, bars, train.Options{},
			func(c train.Config, learnt data.Dataset) bool { return c.Classes == 4 && len(learnt.Classes()) == 4 },
		},
		{
			"24 classes of many", func(c *train.Config) { c.Classes = 0 }, strokes{classes: 30, perClass: 2, size: 64}, train.Options{},
			func(c train.Config, _ data.Dataset) bool { return c.Classes == 24 },
		},
		{
			"a warm-up of all but the last step", func(c *train.Config) { c.Warmup = 50 }, bars, train.Options{},
			func(c train.Config, _ data.Dataset) bool { return c.Warmup == c.Steps-1 },
		},
		{
			"validations of held-out classes", func(c *train.Config) { c.Validation.Fraction = 0.4 }, bars, train.Options{},
			func(c train.Config, _ data.Dataset) bool { return c.Validation.Every == 50 },
		},
		{
			"validations by another set", func(*train.Config) {}, bars, train.Options{Validation: bars},
			func(c train.Config, _ data.Dataset) bool { return c.Validation.Every == 50 },
		},
		{
			"what images alone have", func(c *train.Config) {
				c.Network, c.Augment = train.Network{Architecture: train.ArchitectureLinear, Size: 28, Dim: 8}, data.DefaultAugment()
			}, bags{bars}, train.Options{},
			func(c train.Config, _ data.Dataset) bool {
				return c.Size == 0 && c.Augment == data.Augment{} && c.Features == 12
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := tiny()
			c.Classes = 3
			test.change(&c)
			test.options.Started = func(got train.Config, learnt data.Dataset) error {
				if !test.want(got, learnt) {
					t.Errorf("trains with %+v", got)
				}
				return errSeen
			}
			if _, err := train.Run(t.Context(), backendtest.Go(t), c, test.set, test.options); !errors.Is(err, errSeen) {
				t.Error(err)
			}
		})
	}
}
