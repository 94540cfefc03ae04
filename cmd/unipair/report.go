package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/workspace"
)

// runReport is the main job: it runs the notebooks and writes their pages.
func runReport(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	out := flags.String("out", "", "folder of the pages (default: reports in the repository)")
	if err := parse(flags, args, std, true); err != nil {
		return err
	}
	numbers, err := interleaved(flags, std)
	if err != nil {
		return err
	}
	root, err := workspace.Root()
	if err != nil {
		return err
	}
	all, err := report.Find(filepath.Join(root, "notebooks"))
	if err != nil {
		return err
	}
	chosen, err := report.Select(all, numbers)
	if err != nil {
		return usageError{err}
	}
	if *out == "" {
		*out = filepath.Join(root, "reports")
	}
	w, err := workspace.Setup(ctx, std.err)
	if err != nil {
		return err
	}
	if err := report.Write(ctx, w, all, chosen, *out, std.err); err != nil {
		return err
	}
	fmt.Fprintln(std.out, filepath.Join(*out, "index.html"))
	return nil
}

// interleaved reads the flags that come after words, as in `report 02 --out there`, and returns the words.
func interleaved(flags *flag.FlagSet, std stdio) (words []string, err error) {
	for flags.NArg() > 0 {
		words = append(words, flags.Arg(0))
		if err := parse(flags, flags.Args()[1:], std, true); err != nil {
			return nil, err
		}
	}
	return words, nil
}
