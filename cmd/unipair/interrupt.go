package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
)

// mercy bounds how long after the first signal a command may go on to end in good order: to write a checkpoint, to end its children.
const mercy = 1200 * time.Millisecond

// errInterrupted is the error of a command that a signal ended.
var errInterrupted = errors.New("interrupted")

// errAtOnce is the error of one that did not end in good order.
var errAtOnce = errors.New("interrupted before it could end in good order")

// lastWord is held by whoever says how the program ends.
var lastWord sync.Mutex

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP ends, or the failure of another process of the job. A second one, or
// a command that has not ended soon after the first, whatever it waits for or computes, ends the program.
func interruptible(j *job) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup is heeded
		signal.Notify(signals, syscall.SIGHUP)
	}
	lastWords := func(err error) {
		lastWord.Lock()
		file.DiscardUnfinished()
		progress.EndLine(os.Stderr)
		fmt.Fprintf(os.Stderr, "unipair: %s\n", oneLine(err))
		os.Exit(1)
	}
	j.failed = func(err error) {
		cancel(err)
		time.Sleep(mercy)
		lastWords(err)
	}
	go func() {
		untilEnd(signals, func() {
			cancel(errInterrupted)
			if err := j.missing(); err != nil { // nothing that is exchanged with it will end
				lastWords(err)
			}
		}, mercy)
		lastWords(errAtOnce)
	}()
	return ctx
}

// whyEnded returns the error of a command whose context has ended.
func whyEnded(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return cause
	}
	return errInterrupted
}

// untilEnd cancels at the first signal, and returns at the second or when mercy is over.
func untilEnd(signals <-chan os.Signal, cancel func(), mercy time.Duration) {
	<-signals
	cancel()
	select {
	case <-signals:
	case <-time.After(mercy):
	}
}

// input is standard input, which also ends when ctx does. It is not read from before a command reads from it: a terminal stops what
// reads in the background.
type input struct {
	ctx   context.Context
	from  io.Reader
	begin sync.Once
	pipe  *io.PipeReader
}

// Read implements [io.Reader].
func (in *input) Read(p []byte) (int, error) {
	in.begin.Do(func() {
		pipe, writer := io.Pipe()
		in.pipe = pipe
		context.AfterFunc(in.ctx, func() { writer.CloseWithError(errInterrupted) })
		go func() {
			_, err := io.Copy(writer, in.from)
			writer.CloseWithError(err)
		}()
	})
	return in.pipe.Read(p)
}
