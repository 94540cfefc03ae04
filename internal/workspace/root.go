package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
)

// Module is the path of the repository's Go module.
const Module = "github.com/unipair/unipair"

var moduleLine = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(Module) + `$`)

// Root returns the root of the repository round the working directory: the folder whose go.mod is of [Module].
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && moduleLine.Match(mod) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside the repository: run it in a clone of " + Module)
		}
		dir = parent
	}
}
