package report

import (
	"context"
	"io"

	"github.com/unipair/unipair/internal/workspace"
)

// Publish is for tests of what it leaves when the disk is full.
func Publish(from, to string) error { return publish(from, to) }

// WriteExplorer is for tests of the page alone.
func WriteExplorer(ctx context.Context, w workspace.Workspace, out string, progress io.Writer) error {
	temp, remove, err := workspace.TempDir()
	if err != nil {
		return err
	}
	defer remove()
	return writeExplorer(ctx, w, out, temp, progress)
}
