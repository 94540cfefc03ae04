package omniglot

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Budget says what recipes have in common: what they learn from, for how long, and with which network.
type Budget int

const (
	// Short is 100 batches of three alphabets (Greek, Korean, Latin: 90 characters), and a network of 8 to 32 channels.
	Short Budget = iota
	// Long is 400 batches of all five alphabets, each quarter turn of a character a character of its own (544), and a network of 32
	// channels.
	Long
)

// config returns the settings of a budget: batches of 24 characters × 4 drawings of 28 pixels. A quick run has 16 steps, or 24.
func (b Budget) config() train.Config {
	c := train.DefaultConfig()
	c.Loss, c.Classes = "", 24 // the loss is given as Go code
	switch {
	case b == Long && quick.Asked():
		c.Steps, c.Warmup = 24, 6
	case b == Long:
		c.Steps = 400
	default:
		c.Width, c.Dim, c.Steps = 8, 64, 100
		if quick.Asked() {
			c.Steps = 16
		}
		c.Warmup = c.Steps / 8
	}
	return c
}

// learns returns the drawings that a budget has to learn from.
func (b Budget) learns() (data.Dataset, error) {
	all, err := background()
	switch {
	case err != nil:
		return nil, err
	case b == Long:
		return data.Rotations(all), nil
	}
	return data.Subset(all, "Greek, Korean and Latin", func(class string) bool { return !held(class) }), nil
}

// Recipe is one training. Recipes differ in their loss, their data, their budget and in what Change sets.
type Recipe struct {
	Name     string // in tables and figures
	Loss     losses.Loss
	Budget   Budget
	Change   func(*train.Config)             // may be nil
	Data     func(data.Dataset) data.Dataset // what is made of the drawings to learn from; nil leaves them
	Boundary viz.Boundary                    // the loss's decision boundary, for pictures
}

// Config returns the whole setting of a recipe.
func (r Recipe) Config() train.Config {
	c := r.Budget.config()
	if r.Change != nil {
		r.Change(&c)
	}
	return c
}

// And returns the recipe with a further change, under another name.
func (r Recipe) And(name string, change func(*train.Config)) Recipe {
	before := r.Change
	r.Name, r.Change = name, func(c *train.Config) {
		if before != nil {
			before(c)
		}
		change(c)
	}
	return r
}

// Longer returns the recipe with times as many steps.
func (r Recipe) Longer(times int) Recipe {
	return r.And(r.Name, func(c *train.Config) { c.Steps, c.Warmup = times*c.Steps, times*c.Warmup })
}

// Wider returns the recipe with a network of times the channels.
func (r Recipe) Wider(times int) Recipe {
	return r.And(r.Name, func(c *train.Config) { c.Width = times * c.Width })
}

// Characters returns what leaves the first n characters of a set, for [Recipe.Data].
func Characters(n int) func(data.Dataset) data.Dataset {
	return func(set data.Dataset) data.Dataset {
		first := set.Classes()[:n]
		isFirst := func(class string) bool { return slices.Contains(first, class) }
		return data.Subset(set, fmt.Sprintf("%d characters of %s", n, set.Name()), isFirst)
	}
}

// learns returns what the recipe learns from.
func (r Recipe) learns() (data.Dataset, error) {
	learn, err := r.Budget.learns()
	if err == nil && r.Data != nil {
		learn = r.Data(learn)
	}
	return learn, err
}

// background reads the drawings of small 1, in five alphabets.
var background = sync.OnceValues(func() (data.Dataset, error) {
	return data.OmniglotSmall1(context.Background(), data.Options{})
})

var held = data.Alphabets("Balinese", "Early_Aramaic")

// Held returns the drawings of two alphabets (46 characters) that short trainings do not see.
func Held() (data.Dataset, error) {
	all, err := background()
	if err != nil {
		return nil, err
	}
	return data.Subset(all, "Balinese and Early Aramaic", held), nil
}
