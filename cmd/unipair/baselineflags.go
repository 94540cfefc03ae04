package main

import (
	"flag"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/baseline"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// baselineFlags say what is measured that has not learnt, and what is done to pictures before it.
type baselineFlags struct {
	network train.Network
	pixels  *backboneFlags
	names   []string // of the flags that are for it alone
}

// addBaseline adds the flags of what is measured as it is.
func addBaseline(flags *flag.FlagSet) *baselineFlags {
	before := flagNames(flags)
	w := &baselineFlags{}
	n := &w.network
	flags.StringVar((*string)(&n.Architecture), "architecture", "", "in place of a checkpoint, what has not learnt, as it is: "+
		"pixels (of prepared pictures), features (of an npy: set), onnx:FILE or hf:ORG/MODEL[@REVISION] (a network from elsewhere)")
	flags.IntVar(&n.Size, "size", 0, "with --architecture, `pixels` per side that pictures are resized to (pixels: default 28)")
	flags.StringVar((*string)(&n.Fit), "fit", "", "with --architecture, how pictures are made square: empty squeezes them, crop takes the square in "+
		"the middle, pad adds black")
	flags.IntVar(&n.Channels, "channels", 0, "with --architecture pixels, 1 for gray or 3 for colour; 0 is as the data set has them")
	flags.Func("invert", "with --architecture, turn pictures over, light for dark, `on|off`; by default as the data set says", func(text string) (err error) {
		n.Invert, err = data.ParseInversion(text)
		return err
	})
	w.pixels = addBackbone(flags, &n.Backbone)
	w.names = slices.DeleteFunc(flagNames(flags), func(name string) bool { return slices.Contains(before, name) })
	return w
}

// given returns the names of those that were given.
func (w *baselineFlags) given(flags *flag.FlagSet) []string {
	return slices.DeleteFunc(slices.Clone(w.names), func(name string) bool { return !given(flags, name) })
}

// read returns what is to be measured as it is; its architecture is empty where that is checkpoints.
func (w *baselineFlags) read(flags *flag.FlagSet, dirs places, views bool) (train.Network, error) {
	n := w.network
	there := w.given(flags)
	switch {
	case len(there) > 0 && len(dirs) > 0:
		return n, usage.Errorf("%s: --%s is of what has not learnt, and a checkpoint is given, which says itself what is done to pictures: leave "+
			"one of them out", flags.Name(), strings.Join(there, ", --"))
	case len(there) > 0 && n.Architecture == "":
		return n, usage.Errorf("%s: --%s is for --architecture, which is not given: one of %s", flags.Name(), strings.Join(there, ", --"),
			strings.Join(baseline.Architectures, ", "))
	case len(there) == 0:
		return n, nil
	}
	var err error
	n.Backbone.Pixels, err = w.pixels.pixels(train.Pixels{})
	switch {
	case n.IsBackbone():
		n.Size, n.Backbone.Size = 0, n.Size
	case n.Architecture == train.ArchitecturePixels && !given(flags, "size"):
		n.Size = train.DefaultConfig().Size
	}
	return n, usage.Join(err, baseline.Wrong(n, views))
}
