// Package repository finds the clone of Unipair round a folder, and says whether what lies in it may be run. A library, a program or a
// notebook that is found by walking up from the working directory may be anybody's: the folder above may be /tmp.
package repository

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/unipair/unipair/internal/file"
)

// Module is the path of the repository's Go module.
const Module = "github.com/unipair/unipair"

// Variable is the environment variable that names a repository whose owner and permissions the user vouches for.
const Variable = "UNIPAIR_TRUSTED"

// Workspace is the folder of a repository that has its programs and libraries.
const Workspace = ".workspace"

// mostMod is the size of a go.mod file that is read.
const mostMod = 1 << 20

var moduleLine = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(Module) + `$`)

// Root returns the root of the repository round the working directory, if what lies in it may be run: see [Trust].
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	root, ok := Round(dir)
	if !ok {
		return "", errors.New("not inside the repository: run it in a clone of " + Module)
	}
	return root, Trust(root)
}

// Round returns the root of the repository that a folder lies in: the nearest folder whose go.mod is of [Module].
func Round(dir string) (root string, ok bool) {
	for {
		mod, err := file.Read(filepath.Join(dir, "go.mod"), mostMod)
		if err == nil && moduleLine.Match(mod) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// Trust returns an error unless only the user and root can change a repository, its go.mod and its workspace, or what they are links to.
// Nor may others be able to put something in their place. The user may vouch for the repository by [Variable].
func Trust(root string) error {
	if vouched(root) {
		return nil
	}
	for _, path := range []string{root, filepath.Join(root, "go.mod"), filepath.Join(root, Workspace)} {
		if err := TrustFile(root, path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// TrustFile checks one path in a repository, or what it is a link to, as [Trust] does. What is not there is an error too.
func TrustFile(root, path string) error {
	if vouched(root) {
		return nil
	}
	if err := Ours(path); err != nil {
		return fmt.Errorf("nothing of %s is run: %w; take that right away (chmod go-w, chown), or set %s=%[1]s if you trust whoever has it",
			root, err, Variable)
	}
	return nil
}

// vouched says whether the user has named the repository.
func vouched(root string) bool {
	named := os.Getenv(Variable)
	if named == "" {
		return false
	}
	a, errA := os.Stat(named)
	b, errB := os.Stat(root)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
