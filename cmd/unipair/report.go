package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/browser"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/internal/workspace"
)

// runReport does the main job: it runs the notebooks and writes their pages.
func runReport(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	out := flags.String("out", "", "folder of the pages (default: reports in the repository)")
	pdf := flags.Bool("pdf", false, "print each page to PDF too, with the Chromium of the machine")
	short := flags.Bool("quick", false, "cut trainings short, to see that all works; the pages say so")
	if err := parse(flags, args, std, true); err != nil {
		return err
	}
	numbers, err := interleaved(flags, std)
	if err != nil {
		return err
	}
	root, err := repository.Root()
	if err != nil {
		return err
	}
	all, err := report.Find(filepath.Join(root, "notebooks"))
	if err != nil {
		return err
	}
	chosen, err := report.Select(all, numbers)
	if err != nil {
		return usage.Error(err)
	}
	job := report.Job{All: all, Chosen: chosen}
	if *pdf { // before the work: a missing browser would be noticed after it
		if job.PDF, err = browser.Find(); err != nil {
			return fmt.Errorf("report --pdf: %w", err)
		}
	}
	if *short {
		if err := os.Setenv(quick.Variable, "1"); err != nil {
			return err
		}
	}
	if *out == "" {
		*out = filepath.Join(root, "reports")
	}
	job.Out = *out
	w, err := workspace.Setup(ctx, std.err)
	if err != nil {
		return err
	}
	if err := report.Write(ctx, w, job, std.err); err != nil {
		return err
	}
	fmt.Fprintln(std.out, filepath.Join(*out, "index.html"))
	return nil
}
