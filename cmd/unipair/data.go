package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// runData lists the data sets, or describes one, or fetches it: `unipair data [NAME] [--fetch] [--skip-bad]`.
func runData(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("data", flag.ContinueOnError)
	fetch := flags.Bool("fetch", false, "download the named set now, if it is not there, and read it once")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") { // the name may stand before the flags
		name, args = args[0], args[1:]
	}
	if err := parse(flags, args, std, true); err != nil {
		return err
	}
	rest := flags.Args()
	if name == "" && len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		return usage.Errorf("data: unexpected argument %q; write unipair data NAME [--fetch], and what has spaces in quotes", rest[0])
	}
	if name == "" {
		if *fetch || *skip {
			return usage.Errorf("data: which set is to be fetched? Say unipair data NAME --fetch")
		}
		return listDatasets(std.out)
	}
	set, err := datasets.Find(name)
	if err != nil {
		return err
	}
	reads := *fetch || set.Place
	if *skip && !reads {
		return usage.Errorf("data: --skip-bad looks for bad images, which needs all of them: add --fetch")
	}
	describe(std.out, set)
	if !reads {
		return nil
	}
	o, skipped := progress.OfData(std.err, *skip)
	parts, err := set.Divided(ctx, o)
	if err != nil {
		return err
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(std.out, "left out: %d images that cannot be read\n", n)
	}
	if err := writeParts(std.out, parts); err != nil || !set.HasRuns() {
		return err
	}
	runs, err := set.Runs(ctx, o)
	if err == nil {
		fmt.Fprintf(std.out, "one-shot runs  %d\n", len(runs))
	}
	return err
}

// listDatasets writes a line for each data set.
func listDatasets(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, word := range datasets.Words() {
		fmt.Fprintf(table, "%s\t%s\n", word.Name, word.About)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w,
		"\n`unipair data NAME` has addresses, licences and hashes; docs/data.md says more, also on data of one's own.")
	return err
}

// describe writes what is known of a set without reading it.
func describe(w io.Writer, set datasets.Set) {
	if set.About != "" {
		fmt.Fprintf(w, "%s: %s\n", set.Name, set.About)
	}
	if set.Split != "" {
		fmt.Fprintf(w, "split: %s\n", set.Split)
	}
	p := set.Published
	if p.Name == "" {
		return
	}
	fmt.Fprintf(w, "licence: %s\naddress: %s\npaper: %s\n", p.Licence, p.Address, p.Paper)
	for _, f := range p.Files() {
		size, hash := "size not known", "trusted on first use, and remembered"
		if f.Bytes > 0 {
			size = fmt.Sprintf("%d bytes", f.Bytes)
		}
		if f.SHA256 != "" {
			hash = "SHA-256 " + f.SHA256
		}
		fmt.Fprintf(w, "file: %s (%s, %s) %s\n", f.Name, size, hash, f.Address)
		if f.ByHand != "" {
			fmt.Fprintf(w, "      by hand: %s\n", f.ByHand)
		}
	}
}

// writeParts writes how large the parts of a set are.
func writeParts(w io.Writer, p data.Parts) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, part := range []struct {
		name string
		set  data.Dataset
	}{{"training", p.Train}, {"validation", p.Validation}, {"test", p.Test}, {"gallery", p.Gallery}} {
		if part.set == nil {
			continue
		}
		kind := map[int]string{1: "gray", 3: "colour"}[part.set.Format().Channels]
		if n := part.set.Format().Features; n > 0 {
			kind = fmt.Sprintf("%d features", n)
		}
		fmt.Fprintf(table, "%s\t%s\t%d images\t%s\n", part.name, datasets.Counted(part.set), part.set.Len(), kind)
	}
	if p.Train != nil {
		most := train.DefaultConfig().PerClass
		if short := (&data.PairBatches{Dataset: p.Train, PerClass: most}).Short(); len(short) > 0 {
			fmt.Fprintf(table, "short\t%d classes of the training part have fewer than %d images (%s): theirs come twice or more in a "+
				"batch of --per-class %[2]d; an image is no pair with itself\n",
				len(short), most, suggest.Some(short))
		}
	}
	if len(p.Pairs) > 0 {
		fmt.Fprintf(table, "pairs\t%d\n", len(p.Pairs))
	}
	return table.Flush()
}
