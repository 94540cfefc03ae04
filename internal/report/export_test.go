package report

import (
	"context"

	"github.com/unipair/unipair/internal/workspace"
)

// Publish is for tests of what it leaves when the disk is full.
func Publish(from, to string) error { return publish(from, to) }

// WriteExplorer is for tests of the page alone.
func WriteExplorer(ctx context.Context, w workspace.Workspace, dir string) error {
	return writeExplorer(ctx, w, dir)
}

// WriteIndex is for tests of what it says of an explorer that is not built.
func WriteIndex(all []Notebook, explorerErr error, out, temp string) error {
	return writeIndex(all, explorerErr, out, temp)
}

// CanWrite is for tests of what is not written over.
func (job Job) CanWrite() error { return job.canWrite() }
