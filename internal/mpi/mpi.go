// Package mpi makes a group of ranks of the processes that mpirun, Slurm's srun or another launcher of MPI programs has started together.
//
// It is for programs that are built with the tag mpi, by the compiler of the MPI that they are to run with:
//
//	CC=mpicc go build -tags mpi ./cmd/unipair
//
// Other programs have no trace of MPI, and refuse to be one of several processes.
package mpi

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/suggest"
)

// launched returns how many processes a launcher has started with this one, itself included; 0 where nothing says so. It goes by the
// variables of Open MPI, of MPICH and its kin, and of what speaks PMIx, which leaves the number to Slurm.
func launched() int {
	names := []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE"}
	if _, rank := os.LookupEnv("PMIX_RANK"); rank {
		names = append(names, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")
	}
	for _, name := range names {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// ownGPU has this process see one GPU of its machine, that of its number among the processes there. Where somebody has said which there are, it is
// one of these, each in its turn: Slurm says all of a job to each process.
func ownGPU() error {
	const variable = "CUDA_VISIBLE_DEVICES"
	for _, name := range []string{"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "PMIX_LOCAL_RANK", "SLURM_LOCALID"} {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil || n < 0 {
			continue
		}
		own := strconv.Itoa(n)
		if listed, said := os.LookupEnv(variable); said {
			those := strings.Split(listed, ",")
			own = those[n%len(those)]
		}
		return os.Setenv(variable, own)
	}
	return nil
}

// LimitVariable is the environment variable of the longest that ranks wait for one that computes, as "30m".
const LimitVariable = "UNIPAIR_RANK_LIMIT"

// limits say how long a rank waits for others.
type limits struct {
	ask    time.Duration // after which it asks whether they are there
	answer time.Duration // after which one that has not answered is taken for gone
	late   time.Duration // after which one that is there, and does not come, ends the job
}

// readLimits returns the limits, of which the environment may set the last.
func readLimits() (limits, error) {
	l := limits{ask: 10 * time.Second, answer: 20 * time.Second, late: 30 * time.Minute}
	text := os.Getenv(LimitVariable)
	if text == "" {
		return l, nil
	}
	late, err := time.ParseDuration(text)
	if err != nil || late <= 0 {
		return l, fmt.Errorf("$%s must be a time above 0, such as 30m, got %q", LimitVariable, text)
	}
	l.late, l.ask = late, min(l.ask, late/2)
	return l, nil
}

// these names ranks, as "rank 2" or "ranks 2 and 5".
func these(ranks []int) string {
	words := make([]string, len(ranks))
	for i, rank := range ranks {
		words[i] = strconv.Itoa(rank)
	}
	if len(words) == 1 {
		return "rank " + words[0]
	}
	if len(words) > 6 {
		return "ranks " + suggest.Some(words)
	}
	return "ranks " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
