package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
)

// warm builds a program that imports what cells do, in the way that cells are built, but with the network. It downloads every module whose
// go.mod a cell's `go get` reads, and compiles what a cell is linked from.
func (w Workspace) warm(ctx context.Context, temp string, log io.Writer) error {
	dir := filepath.Join(temp, "cell")
	run := func(dir string, stdout io.Writer, args ...string) error {
		command := Command(ctx, "go", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOFLAGS="+goFlags, "GOWORK=off", "GOMLX_NO_AUTO_INSTALL=1", "TMPDIR="+temp)
		return goError(Run(command, stdout, log))
	}
	var needed, ours bytes.Buffer
	if err := run(w.Root, &needed, "list", "-f", `{{join .Imports "\n"}}`, "./internal/nbdeps"); err != nil {
		return err
	}
	if err := run(w.Root, &ours, "list", "-f", `{{if .GoFiles}}{{.ImportPath}}{{end}}`, "./pkg/...", "./notebooks/..."); err != nil {
		return err
	}
	program := "package main\n\nfunc main() {}\n"
	for _, path := range strings.Fields(needed.String() + ours.String()) {
		if strings.Contains(path, "/internal/") {
			continue // a cell cannot import it; what imports it brings it
		}
		program = strings.Replace(program, "func", fmt.Sprintf("import _ %q\n\nfunc", path), 1)
	}
	if err := errors.Join(
		file.WriteBytes(filepath.Join(dir, "go.mod"), fmt.Appendf(nil, "module cell\n\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n",
			repository.Module, w.Root)),
		file.WriteBytes(filepath.Join(dir, "go.sum"), []byte(w.read("go.sum"))),
		file.WriteBytes(filepath.Join(dir, "main.go"), []byte(program)),
	); err != nil {
		return err
	}
	if err := run(dir, log, "get"); err != nil {
		return err
	}
	return run(dir, log, "build", "-o", filepath.Join(dir, "cell"))
}
