package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/usage"
)

// runEval measures trained networks: `unipair eval --checkpoint DIR --data D [--json] [--report FILE]`.
func runEval(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	var dirs places
	flags.Var(&dirs, "checkpoint", aboutCheckpoint)
	name := flags.String("data", "", "data set to measure with: "+datasets.Help())
	part := flags.String("part", "", "part of the data set: "+strings.Join(datasets.PartNames, ", ")+
		" (default: test; of a folder or table without a split, of whose classes the checkpoint learnt none, all)")
	tta := flags.Bool("tta", false, "see each image in 8 further, slightly changed ways, and take the mean (test-time augmentation)")
	recall := flags.String("recall-at", "1,2,4,8", "the K of recall@K")
	skip := flags.Bool("skip-bad", false, "leave out images that cannot be read, naming each, in place of stopping")
	asJSON := flags.Bool("json", false, "write JSON, for machines")
	report := flags.String("report", "", "also write a page with figures and the worst mistakes to this HTML `file`")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	set, wrongData := datasets.Find(*name)
	networks, wrongCheckpoint := readCheckpoints(dirs, *tta)
	o := evaluation.Options{Part: *part, Learnt: networks.Learnt()}
	var wrongRecall error
	o.RecallAt, wrongRecall = readRecallAt(*recall)
	if err := usage.Join(wrongCheckpoint, wrongData, wrongPart("eval", *part), wrongRecall, wrongReport(*report)); err != nil {
		return err
	}
	var err error
	if o.Backend, err = openBackend(std); err != nil {
		return err
	}
	networks.To = std.err
	members, err := networks.Load(o.Backend)
	if err != nil {
		return err
	}
	var skipped func() int
	o.Data, skipped = progress.OfData(std.err, *skip)
	result, err := evaluation.Run(ctx, members, set, o)
	if err != nil {
		return err
	}
	result.Views = *tta
	if result.Networks, err = networks.Sums(); err != nil {
		return err
	}
	if n := skipped(); n > 0 {
		fmt.Fprintf(std.err, "%d images are left out that cannot be read\n", n)
	}
	write := result.WriteTable
	if *asJSON {
		write = result.WriteJSON
	}
	err = write(std.out) // before the page, which may fail
	if *report != "" {
		if wrong := result.WritePage(*report, networks.String()); wrong != nil {
			err = usage.Join(err, fmt.Errorf("eval: report: %w", wrong))
		}
	}
	return err
}

// wrongReport returns an error unless a page can be written there; empty is none.
func wrongReport(name string) error {
	if name == "" {
		return nil
	}
	if ext := strings.ToLower(filepath.Ext(name)); ext != ".html" && ext != ".htm" {
		return usage.Errorf("eval: --report takes a file that ends in .html, got %s", name)
	}
	if about, err := os.Stat(filepath.Dir(name)); err != nil || !about.IsDir() {
		return usage.Errorf("eval: --report: there is no folder %s: make it first", filepath.Dir(name))
	}
	if err := file.CanWrite(name); err != nil {
		return usage.Errorf("eval: --report: %w", err)
	}
	return nil
}

// readRecallAt reads a list such as 1,10,100.
func readRecallAt(text string) ([]int, error) {
	var all []int
	for field := range strings.SplitSeq(text, ",") {
		k, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || k < 1 {
			return nil, usage.Errorf("eval: --recall-at takes whole numbers above 0 with commas between them, got %q", text)
		}
		all = append(all, k)
	}
	return all, nil
}
