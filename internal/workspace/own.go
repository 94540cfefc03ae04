package workspace

import (
	"fmt"
	"path/filepath"

	"github.com/unipair/unipair/internal/repository"
)

// own returns an error where .workspace is a link to that of another repository: a set-up would replace what that one runs.
func (w Workspace) own() error {
	there, err := filepath.EvalSymlinks(w.path())
	if err != nil {
		return nil // there is none yet
	}
	root, err := filepath.EvalSymlinks(w.Root)
	if err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	if owner, ok := repository.Round(filepath.Dir(there)); ok && owner != root {
		return fmt.Errorf("%s is a link into the repository %s, whose environment a set-up here would replace: remove the link",
			w.path(), owner)
	}
	return nil
}
