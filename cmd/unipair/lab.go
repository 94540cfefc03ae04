package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"

	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/internal/workspace"
)

// runLab opens JupyterLab on the notebooks, on this machine only unless --ip says otherwise.
func runLab(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	port := flags.Int("port", 8888, "port of the server; the next free one if it is taken")
	ip := flags.String("ip", "127.0.0.1", "address that the server listens at; another than this machine's own is for containers")
	noBrowser := flags.Bool("no-browser", false, "print the address and open no browser")
	if err := parse(flags, args, std, false); err != nil {
		return err
	}
	if *port < 1 || *port > 65535 {
		return usage.Errorf("lab: --port %d: want 1 to 65535", *port)
	}
	w, err := workspace.Setup(ctx, std.err)
	if err != nil {
		return err
	}
	if err := w.SetupCompletion(ctx, std.err); err != nil {
		return err
	}
	temp, remove, err := workspace.TempDir()
	if err != nil {
		return err
	}
	defer remove()
	words := []string{
		"--ip=" + *ip, "--port=" + strconv.Itoa(*port), "--notebook-dir=" + w.Root, "--LabApp.default_url=/lab/tree/notebooks",
	}
	if os.Geteuid() == 0 {
		words = append(words, "--allow-root") // a container's only user; the server listens on this machine alone
	}
	if *noBrowser {
		words = append(words, "--no-browser")
	}
	lab := workspace.Command(ctx, w.Program("jupyter-lab"), words...)
	lab.Env = append(w.Env(), "TMPDIR="+temp, "JUPYTER_RUNTIME_DIR="+temp, "PATH="+w.CompletionPath())
	if err := workspace.Run(lab, std.out, std.err); err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	return nil
}
