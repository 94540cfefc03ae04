package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// stdio says where a command reads and writes: results go to out, progress and messages to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// output takes the results. It takes nothing more once it is interrupted, and keeps the first error for callers that do not look.
type output struct {
	ctx context.Context
	to  io.Writer
	err error
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (n int, err error) {
	if err = o.ctx.Err(); err == nil {
		n, err = o.to.Write(p)
	}
	if err != nil {
		if path, ok := errors.AsType[*os.PathError](err); ok {
			err = path.Err
		}
		err = fmt.Errorf("the results cannot be written to standard output: %w", err)
		o.err = cmp.Or(o.err, err)
	}
	return n, err
}
