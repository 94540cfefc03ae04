//go:build !mpi

package mpi

import (
	"fmt"
	"time"

	"github.com/unipair/unipair/internal/ranks"
)

// Job is this process's place in a job: a program without MPI is alone.
type Job struct{ ranks.Alone }

// Join returns an error where a launcher has started several processes: each would do the whole work, and write over the others.
func Join(func(error)) (*Job, error) {
	if n := launched(); n > 1 {
		return nil, fmt.Errorf("%d processes were started together, and this program is built without MPI, so that each would do the same work: "+
			"build it with `CC=mpicc go build -tags mpi ./cmd/unipair` (docs/machines.md), or start one process", n)
	}
	return &Job{}, nil
}

// Missing returns nothing: there are no others.
func (*Job) Missing(time.Duration) string { return "" }

// Leave has it said how this process ends.
func (*Job) Leave(err error, say func(error)) { say(err) }
