package tryout

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/unipair/unipair/notebooks/study"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/losses"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Recipe is one training. Recipes differ in their loss, their data and in what Change sets; all else is Common.
type Recipe struct {
	Name     string
	Loss     losses.Loss                     // of the catalogue or of one's own
	Change   func(*train.Config)             // may be nil
	Data     func(data.Dataset) data.Dataset // what is made of the drawings to learn from; nil leaves them
	Boundary viz.Boundary                    // the loss's decision boundary, for pictures
}

// Common is what a recipe does not say: 100 batches of 24 characters × 4 drawings of 28 pixels, a network of 8 to 32 channels. With
// UNIPAIR_QUICK=1 there are 16 batches.
func Common() train.Config {
	c := train.DefaultConfig()
	c.Loss = ""
	c.Width, c.Dim, c.Steps = 8, 64, 100
	if study.Quick() {
		c.Steps = 16
	}
	c.Warmup = c.Steps / 8
	return c
}

// Config is the whole setting of a recipe.
func (r Recipe) Config() train.Config {
	c := Common()
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

// Longer trains times as many steps.
func (r Recipe) Longer(times int) Recipe {
	return r.And(r.Name, func(c *train.Config) { c.Steps, c.Warmup = times*c.Steps, times*c.Warmup })
}

// Wider trains a network of times the channels.
func (r Recipe) Wider(times int) Recipe {
	return r.And(r.Name, func(c *train.Config) { c.Width = times * c.Width })
}

// Characters returns what leaves the first n characters of a set, for [Recipe.Data].
func Characters(n int) func(data.Dataset) data.Dataset {
	return func(set data.Dataset) data.Dataset {
		first := set.Classes()[:n]
		return data.Subset(set, fmt.Sprintf("%d characters of %s", n, set.Name()), func(class string) bool { return slices.Contains(first, class) })
	}
}

// learns is what the recipe learns from.
func (r Recipe) learns() (data.Dataset, error) {
	learn, _, err := Sets()
	if err == nil && r.Data != nil {
		learn = r.Data(learn)
	}
	return learn, err
}

// dir is where the run on a set is kept. The name is made of all that matters to it, and not of the recipe's: notebooks share runs.
func (r Recipe) dir(set string) (string, error) {
	settings, err := json.Marshal(r.Config())
	if err != nil {
		return "", fmt.Errorf("tryout: %s: %w", r.Name, err)
	}
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%T%+v%s%s", r.Loss, r.Loss, settings, set)
	return filepath.Join(study.Runs(), "tryout", fmt.Sprintf("%s-%016x", slug(fmt.Sprintf("%T", r.Loss)), sum.Sum64())), nil
}

// slug is a name for a folder: letters, digits and dashes.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

// Sets are the drawings to learn from and those to be judged on, of other alphabets.
func Sets() (learn, judge data.Dataset, err error) {
	both, err := sets()
	return both[0], both[1], err
}

var sets = sync.OnceValues(func() (both [2]data.Dataset, err error) {
	all, err := data.OmniglotSmall1(context.Background(), data.Options{})
	if err != nil {
		return both, err
	}
	held := data.Alphabets("Balinese", "Early_Aramaic")
	both[0] = data.Subset(all, "Greek, Korean and Latin", func(class string) bool { return !held(class) })
	both[1] = data.Subset(all, "Balinese and Early Aramaic", held)
	return both, nil
})
