// Package workspacetest has what tests of the programs that run in the workspace share.
package workspacetest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// Ready returns the workspace of the repository, if it is set up; else the test is skipped, in CI failed.
func Ready(t *testing.T) workspace.Workspace {
	t.Helper()
	root, err := repository.Root()
	if err != nil {
		t.Fatal(err)
	}
	w := workspace.Workspace{Root: root}
	for _, check := range w.Checks(t.Context()) {
		if strings.HasPrefix(check.Name, "workspace") && !check.OK {
			if os.Getenv("CI") != "" {
				t.Fatal(check.Detail)
			}
			t.Skip(check.Detail)
		}
	}
	return w
}

// Running lists the programs whose environment has the setting, NAME=value.
func Running(t *testing.T, setting string) (programs []string) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		environment, err := file.Read(path, 1<<20)
		if err == nil && slices.Contains(strings.Split(string(environment), "\x00"), setting) {
			words, _ := file.Read(filepath.Join(filepath.Dir(path), "cmdline"), 1<<20)
			programs = append(programs, strings.ReplaceAll(string(words), "\x00", " "))
		}
	}
	return programs
}
