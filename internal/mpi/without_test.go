//go:build !mpi

package mpi

import (
	"strings"
	"testing"
)

// A program without MPI refuses to be one of several processes, and says how to build it.
func TestRefusesWithoutMPI(t *testing.T) {
	t.Setenv("OMPI_COMM_WORLD_SIZE", "2")
	if _, err := Join(nil); err == nil || !strings.Contains(err.Error(), "build it with `CC=mpicc go build -tags mpi ./cmd/unipair`") {
		t.Errorf("joined: %v", err)
	}
}
