package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/baseline"
	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/internal/ensemble"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/train"
)

// runEval measures trained networks: `unipair eval --checkpoint DIR --data D [--json] [--report FILE]`. Or it measures what has not learnt:
// `unipair eval --architecture pixels|features|onnx:FILE|hf:ORG/MODEL --data D`.
func runEval(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	var dirs places
	flags.Var(&dirs, "checkpoint", aboutCheckpoint)
	asItIs := addBaseline(flags)
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
	s := subject{views: *tta}
	wrongSubject := s.read(flags, dirs, asItIs)
	o := evaluation.Options{Part: *part, Learnt: s.networks.Learnt()}
	var wrongRecall error
	o.RecallAt, wrongRecall = readRecallAt(*recall)
	var wrongPage error
	if together.Rank() == 0 { // which alone writes
		wrongPage = wrongReport("eval", *report)
	}
	wrong := usage.Join(wrongSubject, wrongData, wrongPart("eval", *part), wrongRecall, wrongPage)
	if err := ranks.Agree(together, wrong); err != nil {
		return err
	}
	var err error
	if o.Backend, err = openBackend(std); err != nil {
		return err
	}
	network, err := s.open(ctx, o.Backend, std)
	if err == nil {
		err = s.sameNetworks()
	}
	if err != nil {
		return err
	}
	var skipped func() int
	o.Data, skipped = progress.OfData(std.err, *skip)
	o.Ranks = together
	result, err := evaluation.Run(ctx, sharedNetwork{network}, set, o)
	if err != nil || together.Rank() > 0 {
		return err
	}
	if err := s.tell(&result, std); err != nil {
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
		if wrong := result.WritePage(*report, s.String()); wrong != nil {
			err = usage.Join(err, fmt.Errorf("eval: report: %w", wrong))
		}
	}
	return err
}

// subject holds what is measured: checkpoints, or what has not learnt.
type subject struct {
	views    bool
	networks ensemble.Checkpoints
	words    train.Network     // without an architecture: checkpoints
	baseline *baseline.Network // once it is open
}

// read reads what is to be measured, before any work.
func (s *subject) read(flags *flag.FlagSet, dirs places, asItIs *baselineFlags) (err error) {
	if s.words, err = asItIs.read(flags, dirs, s.views); err != nil || s.words.Architecture != "" {
		return err
	}
	if len(dirs) == 0 {
		return usage.Errorf("which checkpoint? --checkpoint takes the directory that `unipair train --out` wrote; or --architecture what has not learnt: %s",
			strings.Join(baseline.Architectures, ", "))
	}
	s.networks, err = readCheckpoints(dirs, s.views)
	return err
}

// open opens it.
func (s *subject) open(ctx context.Context, backend compute.Backend, std stdio) (_ evaluation.Network, err error) {
	if s.words.Architecture != "" {
		if s.baseline, err = baseline.Open(ctx, backend, s.words, s.views, std.err); err != nil {
			return nil, err
		}
		// Each machine has found a file of its own.
		return s.baseline, ranks.Same(together, "network (the SHA-256 of its file)", s.baseline.Network().Backbone.SHA256)
	}
	s.networks.To = std.err
	return s.networks.Load(backend)
}

// tell says in a result what was measured.
func (s *subject) tell(r *evaluation.Result, std stdio) (err error) {
	r.Views = s.views
	if s.baseline == nil {
		r.Networks, err = s.networks.Sums()
		return err
	}
	r.Measured = new(s.baseline.Network())
	fmt.Fprintln(std.err, "measured:", escape.Line(s.String()))
	return nil
}

// String describes it for people.
func (s *subject) String() string {
	if s.baseline != nil {
		return s.baseline.String()
	}
	return s.networks.String()
}

// wrongReport returns an error unless a page can be written there; empty is none.
func wrongReport(of, name string) error {
	if name == "" {
		return nil
	}
	if ext := strings.ToLower(filepath.Ext(name)); ext != ".html" && ext != ".htm" {
		return usage.Errorf("%s: --report takes a file that ends in .html, got %s", of, name)
	}
	if about, err := os.Stat(filepath.Dir(name)); err != nil || !about.IsDir() {
		return usage.Errorf("%s: --report: there is no folder %s: make it first", of, filepath.Dir(name))
	}
	if err := file.CanWrite(name); err != nil {
		return usage.Errorf("%s: --report: %w", of, err)
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
