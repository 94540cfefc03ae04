package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/train"
)

// backboneFlags are those of a network from elsewhere.
type backboneFlags struct {
	preset    string
	scale     float64
	mean, std string
	order     string
}

// addBackbone adds the flags that say what a network's file leaves open.
func addBackbone(flags *flag.FlagSet, b *train.Backbone) *backboneFlags {
	w := &backboneFlags{}
	flags.StringVar(&b.Output, "onnx-output", b.Output, "of an onnx: or hf: network, the `name` of the output, or of any value within; "+
		"several with commas stand beside one another")
	flags.StringVar(&b.Pool, "pool", b.Pool, "of an onnx: or hf: network, how tokens or places become one row: first, mean")
	flags.StringVar(&w.preset, "input", "", "of an onnx: or hf: network, how pixels are prepared, where its file does not say: "+
		strings.Join(slices.Sorted(maps.Keys(onnxfile.Presets)), ", "))
	flags.Float64Var(&w.scale, "input-scale", 0, "factor of pixels in [0, 1] before --input-mean is taken away: 255 for networks that take bytes")
	flags.StringVar(&w.mean, "input-mean", "", "`r,g,b` that is taken away from the scaled pixels; one number is for all")
	flags.StringVar(&w.std, "input-std", "", "`r,g,b` by which they are then divided; one number is for all")
	flags.StringVar(&w.order, "input-order", "", "order of the colours, rgb or bgr")
	return w
}

// pixels returns what the flags say over what was said before.
func (w *backboneFlags) pixels(before train.Pixels) (train.Pixels, error) {
	if *w == (backboneFlags{}) {
		return before, nil
	}
	p := before
	if p == (train.Pixels{}) && *w == (backboneFlags{order: w.order}) { // else mean and deviation that the file says would be lost
		return p, usage.Errorf("--input-order: say what else is done to pixels, too: --input, or --input-scale, --input-mean and --input-std")
	}
	if p == (train.Pixels{}) {
		p = train.Pixels(onnxfile.Presets["0-1"])
	}
	if w.preset != "" {
		preset, known := onnxfile.Presets[w.preset]
		if !known {
			return p, usage.Errorf("--input: unknown preset %q: %s", w.preset,
				suggest.For(w.preset, slices.Sorted(maps.Keys(onnxfile.Presets))))
		}
		p = train.Pixels(preset)
	}
	if w.scale != 0 {
		p.Scale = w.scale
	}
	var err error
	if w.mean != "" {
		p.Mean, err = colours("--input-mean", w.mean)
	}
	if w.std != "" && err == nil {
		p.Std, err = colours("--input-std", w.std)
	}
	switch w.order {
	case "":
	case "rgb", "bgr":
		p.BGR = w.order == "bgr"
	default:
		err = usage.Join(err, usage.Errorf("--input-order: want rgb or bgr, got %q", w.order))
	}
	if wrong := onnxfile.Preparation(p).Validate(); wrong != nil && err == nil {
		err = usage.Error(wrong)
	}
	return p, err
}

// colours reads one number, or three with commas between them.
func colours(name, text string) (all [3]float64, err error) {
	fields := strings.Split(text, ",")
	if len(fields) == 1 {
		fields = []string{text, text, text}
	}
	if len(fields) != len(all) {
		return all, usage.Errorf("%s: want one number, or three with commas between them, got %q", name, text)
	}
	for i, field := range fields {
		if all[i], err = strconv.ParseFloat(strings.TrimSpace(field), 64); err != nil {
			return all, usage.Errorf("%s: want one number, or three with commas between them, got %q", name, text)
		}
	}
	return all, nil
}

// addHead adds the flags that say what follows a network from elsewhere, and what of it learns.
func addHead(flags *flag.FlagSet, b *train.Backbone) {
	flags.StringVar((*string)(&b.Head), "head", string(b.Head), "after an onnx: or hf: network: linear (the default), mlp or none")
	flags.Func("train-backbone", "what learns of an onnx: or hf: network: none (the default: the head alone learns, in seconds), last:`K` "+
		"(layers), all", func(text string) error {
		b.Train = text
		if text == "none" {
			b.Train = ""
		}
		if text == "" {
			return fmt.Errorf("want none, last:K or all")
		}
		return nil
	})
	flags.Float64Var(&b.LearningRate, "backbone-learning-rate", b.LearningRate,
		"highest learning rate of an onnx: or hf: network that learns (default: a hundredth of --learning-rate)")
}

// given reports whether a flag was given.
func given(flags *flag.FlagSet, name string) (is bool) {
	flags.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}
