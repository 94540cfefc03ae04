package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/internal/workspace"
)

// runDoctor says what the machine and the workspace have and lack, and with --fix sets up what is missing.
func runDoctor(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	fix := flags.Bool("fix", false, "set up what is missing in the workspace")
	lab := flags.Bool("lab", false, "with --fix: set up what only lab needs, too")
	asJSON := flags.Bool("json", false, "print the checks as JSON")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *lab && !*fix {
		return usage.Errorf("doctor: --lab adds to what --fix sets up: give both")
	}
	root, err := repository.Root()
	if err != nil {
		return err
	}
	w := workspace.Workspace{Root: root}
	var fixErr error
	if *fix {
		if fixErr = w.Setup(ctx, std.err); fixErr == nil && *lab {
			fixErr = w.SetupCompletion(ctx, std.err)
		}
		if ctx.Err() != nil {
			return fixErr // the checks run programs, which no longer start
		}
	}
	checks := w.Checks(ctx)
	if *asJSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(checks)
	} else {
		err = errors.Join(printChecks(std, checks), printElsewhere(std))
	}
	if err != nil {
		return err
	}
	if fixErr != nil {
		return fixErr
	}
	for _, c := range checks {
		if !c.OK {
			return fmt.Errorf("doctor: %s: %s", c.Name, c.Detail)
		}
	}
	return nil
}

// printElsewhere says how Go programs outside the clone find what the workspace has.
func printElsewhere(std stdio) error {
	plugin, err := backend.PluginPath()
	if err != nil {
		return nil // the checks say so
	}
	library, err := onnxruntime.Library()
	if err != nil {
		return nil
	}
	config := "xla:" + plugin
	_, err = fmt.Fprintf(std.out, "\nfor Go programs of your own, whose convolutions are XLA's:\nexport %s=%s %s=%s %s=%s\n",
		backend.Variable, escape.Shell(config), backend.FlagsVariable, escape.Shell(backend.Flags(config)), onnxruntime.Variable, escape.Shell(library))
	return err
}

func printChecks(std stdio, checks []workspace.Check) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, c := range checks {
		state := "ok"
		if !c.OK {
			state = "MISSING"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", state, c.Name, c.Detail)
	}
	return table.Flush()
}
