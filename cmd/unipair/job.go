package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/unipair/unipair/internal/baseline"
	"github.com/unipair/unipair/internal/evaluation"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/mpi"
	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/usage"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// together is the processes that do the work of a command: this one alone, unless mpirun has started several.
var together ranks.Group = ranks.Alone{}

// sharing lists the commands whose work several processes share.
var sharing = []string{"train", "eval", "export", "version"}

// mayShare returns an error for a command that each of several processes would do by itself, or that they were given in other words. A training
// says itself what is different.
func mayShare(command string, args []string) error {
	switch {
	case together.Size() == 1 || command == "train":
		return nil
	case slices.Contains(sharing, command):
		return ranks.Same(together, "command", strings.Join(args, " "))
	}
	return usage.Errorf("%s is for one process, and %d were started together: start it without mpirun", command, together.Size())
}

// sameNetworks returns an error unless all processes have the same networks; one that has not learnt is compared once it is open.
func (s *subject) sameNetworks() error {
	if together.Size() == 1 || s.words.Architecture != "" {
		return nil
	}
	sums, err := s.networks.Sums()
	if err := ranks.Agree(together, err); err != nil {
		return err
	}
	return ranks.Same(together, "network (the SHA-256 of its weights)", strings.Join(sums, ", "))
}

// sharedNetwork embeds sets on several processes, each its share of the images.
type sharedNetwork struct{ evaluation.Network }

// EmbedSet implements [evaluation.Network].
func (s sharedNetwork) EmbedSet(set data.Dataset) (eval.Set, error) {
	return train.EmbedTogether(together, s.Network, set)
}

// sharedBaseline embeds as a sharedNetwork does.
type sharedBaseline struct{ *baseline.Network }

// EmbedSet implements [index.Embedder].
func (s sharedBaseline) EmbedSet(set data.Dataset) (eval.Set, error) {
	return train.EmbedTogether(together, s.Network, set)
}

// job is this process's place among those that were started with it.
type job struct {
	mpi    atomic.Pointer[mpi.Job] // a signal may come before it is there
	failed func(error)             // called when another process has failed while this one computes
}

func (j *job) join() error {
	joined, err := mpi.Join(func(err error) { j.failed(err) })
	if err != nil {
		return err
	}
	j.mpi.Store(joined)
	together = joined
	if joined.Size() == 1 {
		return nil
	}
	program, err := sumOfProgram()
	if err := ranks.Agree(joined, err); err != nil {
		return err
	}
	return ranks.Same(joined, "program (its SHA-256)", program)
}

// sumOfProgram returns the SHA-256 of the file that this process runs.
func sumOfProgram() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	sums := file.Sums{}
	err = sums.Add(filepath.Dir(path), filepath.Base(path))
	return fmt.Sprintf("%.12s…", sums[filepath.Base(path)]), err
}

// share returns what a command of this process writes to: the first one speaks for all.
func (*job) share(std stdio) stdio {
	if together.Rank() > 0 {
		std.out, std.err = io.Discard, io.Discard
	}
	return std
}

// answered bounds how long the others have to say that they are there when a signal comes. mpirun sends one to all when one of them is
// gone, and a second later ends them.
const answered = 300 * time.Millisecond

// missing returns an error that names the processes of the job that do not answer.
func (j *job) missing() error {
	joined := j.mpi.Load()
	if joined == nil {
		return nil
	}
	if those := joined.Missing(answered); those != "" {
		return fmt.Errorf("%s does not answer: killed, out of memory, or on a machine that is gone; the last checkpoint is kept", those)
	}
	return nil
}

// leave ends this process's part, and has an error said.
func (j *job) leave(err error, say func(error)) {
	if joined := j.mpi.Load(); joined != nil {
		joined.Leave(err, say)
		return
	}
	say(err)
}
