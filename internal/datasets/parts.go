package datasets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
)

// PartNames lists what [Set.Part] takes; an empty name is what a set is measured on by default.
var PartNames = []string{"test", "validation", "training", "all"}

// Divided reads the parts of a set; of one that has no split, a fifth of the classes is for the test. Where they are too few for that, all
// are to learn from, and the options' Progress is told so.
func (s Set) Divided(ctx context.Context, o data.Options) (data.Parts, error) {
	o.Undivided = true
	parts, err := s.parts(ctx, o)
	if err != nil || parts.Undivided == nil {
		return parts, err
	}
	return divide(parts.Undivided, o)
}

func divide(whole data.Dataset, o data.Options) (data.Parts, error) {
	parts, err := data.HoldOutFifth(whole)
	if errors.Is(err, data.ErrFewClasses) {
		if o.Progress != nil {
			o.Progress(fmt.Sprintf("%s: all classes are to learn from and none is for a test: fewer than 8 have more than one image",
				whole.Name()))
		}
		return data.Parts{Train: whole}, nil
	}
	return parts, err
}

// Part is images to measure with.
type Part struct {
	Name    string       // test, validation, training or all
	Queries data.Dataset // nil: there are one-shot runs alone
	Gallery data.Dataset // what the queries are searched in; nil: in themselves
	Pairs   []data.Pair  // official pairs of the queries; may be empty
}

// Part reads the part that is asked for, or the test part. Of a place of the user's that has no split, and in which nothing was
// learnt from, it is all. There are no queries only where official one-shot runs are all there is.
func (s Set) Part(ctx context.Context, name string, learnt map[string]bool, o data.Options) (Part, error) {
	if name == "all" {
		if s.whole == nil {
			return Part{}, usage.Errorf("--part all is not for %s, but for glyphs and for data of one's own: "+
				"give --part training, validation or test", s.Name)
		}
		all, err := s.whole(ctx, o)
		return Part{Name: name, Queries: all}, err
	}
	o.Undivided = true
	parts, err := s.parts(ctx, o)
	if err == nil && parts.Undivided != nil {
		if all := (Part{Name: "all", Queries: parts.Undivided}); name == "" && all.Warning(learnt) == "" {
			return all, nil
		}
		parts, err = divide(parts.Undivided, o)
	}
	if err != nil {
		return Part{}, err
	}
	part := Part{Name: cmp.Or(name, "test")}
	switch part.Name {
	case "test":
		part.Queries, part.Gallery, part.Pairs = parts.Test, parts.Gallery, parts.Pairs
	case "validation":
		part.Queries = parts.Validation
	case "training":
		part.Queries = parts.Train
	}
	if part.Queries == nil && (name != "" || s.runs == nil) {
		return Part{}, usage.Errorf("%s has no %s part: %s", s.Name, part.Name, others(parts, s.runs != nil))
	}
	return part, nil
}

// others says what else can be measured.
func others(parts data.Parts, runs bool) string {
	var words []string
	for _, p := range []struct {
		name string
		set  data.Dataset
	}{{"test", parts.Test}, {"validation", parts.Validation}, {"training", parts.Train}} {
		if p.set != nil {
			words = append(words, "--part "+p.name)
		}
	}
	text := "give " + strings.Join(words, " or ")
	if runs {
		text += ", or no part for the official runs"
	}
	return text
}

// Searched returns the images that queries are searched in: the gallery, or the queries themselves.
func (p Part) Searched() data.Dataset {
	if p.Gallery != nil {
		return p.Gallery
	}
	return p.Queries
}

// Warning tells of classes of a part that the network has learnt from; empty where there are none.
func (p Part) Warning(learnt map[string]bool) string {
	if p.Queries == nil {
		return ""
	}
	if _, _, several := data.Labels(p.Queries); several {
		return "" // a label is in all parts, and its images in one
	}
	classes := p.Queries.Classes()
	if p.Gallery != nil {
		classes = append(slices.Clone(classes), p.Gallery.Classes()...)
		slices.Sort(classes)
		classes = slices.Compact(classes)
	}
	both := slices.DeleteFunc(slices.Clone(classes), func(class string) bool { return !learnt[class] })
	if len(both) == 0 {
		return ""
	}
	return fmt.Sprintf("warning: %d of the %d classes of %s, such as %s, were trained on: this does not measure what the network makes "+
		"of new classes",
		len(both), len(classes), p.Queries.Name(), both[0])
}

// Until returns a set whose images can no longer be had once a context is done, so that Ctrl-C ends what reads it.
func Until(ctx context.Context, set data.Dataset) data.Dataset { return stoppable{set, ctx} }

type stoppable struct {
	data.Dataset
	ctx context.Context
}

// Image implements [data.Dataset].
func (s stoppable) Image(i int) (data.Image, error) {
	if err := s.ctx.Err(); err != nil {
		return data.Image{}, err
	}
	return s.Dataset.Image(i)
}

var _ interface { // what it forwards
	data.SourceSet
	data.CameraSet
	data.OriginSet
	data.LabelSet
	data.WaySet
} = stoppable{}

func (s stoppable) Source(i int) string               { return data.Source(s.Dataset, i) }
func (s stoppable) Cameras() ([]int, bool)            { return data.Cameras(s.Dataset) }
func (s stoppable) Labels() ([]string, [][]int, bool) { return data.Labels(s.Dataset) }
func (s stoppable) Ways() []data.Dataset              { return data.Ways(s.Dataset) }
func (s stoppable) Origins() ([]data.Origin, error)   { return data.Origins(s.Dataset) }
