package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/compare"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/pkg/train"
)

// rankingHeading heads the section of the ranking.
const rankingHeading = "Losses ranked on Omniglot"

// ranking returns the comparison of losses at one budget, as `unipair compare --data omniglot` makes it: the official runs are its test.
func (w words) ranking() (compare.Settings, error) {
	names, err := compare.Chosen(w.losses)
	s := compare.Settings{Data: "omniglot", Losses: names, Trials: w.trials, Seeds: int(w.seeds), Config: train.DefaultConfig()}
	s.Config.Loss, s.Config.Steps = "", w.steps
	return s, errors.Join(err, s.Validate())
}

// rankLosses compares losses, or goes on with it, and writes their table.
func (w words) rankLosses(ctx context.Context) error {
	settings, err := w.ranking()
	if err != nil {
		return err
	}
	device, line, err := backend.Open()
	if err != nil {
		return err
	}
	from, _ := progress.OfData(os.Stderr, false)
	result, err := compare.Make(ctx, device, w.runs, settings, from, os.Stderr)
	if err != nil {
		return err
	}
	var text strings.Builder
	date, machine := machine(line)
	fmt.Fprintf(&text, "`%s`: %s, %s; commit %s.\n\n", w.command, date, machine, results.Commit("."))
	if err := result.WriteMarkdown(&text); err != nil {
		return err
	}
	text.WriteString(known)
	fmt.Print(text.String())
	if w.page == "" {
		return nil
	}
	return results.Replace(w.page, rankingHeading, text.String())
}

// known tells what others came to on the same runs. Within a run each character has two images. So MAP@R and recall@1 are what a one-shot
// error leaves, but that either image of a character looks for the other among all 40.
const known = `
Published one-shot errors for this training set, for comparison: a deep convnet 24.0 %, BPL 4.3 % (Lake et al. 2015); people 4.5 %; modified
Hausdorff distance 38.8 %; raw pixels 76 %.
`
