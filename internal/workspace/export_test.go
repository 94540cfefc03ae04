package workspace

import (
	"context"
	"io"
)

// WriteKernelspec is for tests of what it writes.
func (w Workspace) WriteKernelspec() error { return w.writeKernelspec() }

// DoStep does a step whose work is make, from inputs, to the file product of the workspace.
func (w Workspace) DoStep(inputs []string, product string, work func() error) error {
	s := step{"test", "a test's step", inputs, []string{w.path(product)}, func(context.Context, string, io.Writer) error { return work() }}
	return w.setup(context.Background(), io.Discard, []step{s})
}

// MakePython makes the Python environment.
func (w Workspace) MakePython(ctx context.Context, log io.Writer) error {
	temp, remove, err := TempDir()
	if err != nil {
		return err
	}
	defer remove()
	return w.makePython(ctx, temp, log)
}

// Enough is what Space says of a disk with free bytes.
func Enough(free uint64) error { return enough("there", free) }
