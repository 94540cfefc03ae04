//go:build mpi

package mpi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/unipair/unipair/internal/ranks"
	"github.com/unipair/unipair/internal/rankstest"
)

// scene is the environment variable of what a rank does, as mpirun starts this program.
const scene = "UNIPAIR_MPI_SCENE"

func TestMain(m *testing.M) {
	if launched() < 2 {
		os.Exit(m.Run())
	}
	told := make(chan error, 1)
	job, err := Join(func(err error) { told <- err })
	if err == nil {
		done := make(chan error, 1)
		go func() { done <- scenes[os.Getenv(scene)](job) }()
		select {
		case err = <-done:
		case err = <-told:
		}
		job.Leave(err, func(said error) {
			if said != nil {
				fmt.Fprintf(os.Stderr, "said: %v\n", said)
			}
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var scenes = map[string]func(job *Job) error{
	"contract": func(job *Job) error { return rankstest.Contract(job) },
	"error": func(job *Job) error {
		if job.Rank() == 1 {
			return errors.New("no such folder")
		}
		return meet(job)
	},
	"computing": func(job *Job) error {
		if job.Rank() == 1 {
			return errors.New("no such folder")
		}
		time.Sleep(time.Minute)
		return nil
	},
	"quick": func(job *Job) error {
		given := tensors.FromFlatDataAndDimensions(make([]float32, 1<<16), 1<<16)
		took := make([]time.Duration, 200)
		for i := range took {
			began := time.Now()
			if _, err := job.AllReduce(given); err != nil {
				return err
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		if tenth := took[len(took)/10]; tenth > time.Millisecond { // a busy machine slows the others
			return fmt.Errorf("nine of ten exchanges take more than %s", tenth)
		}
		return nil
	},
	"agreed": func(job *Job) error {
		var err error
		if job.Rank() == 1 {
			err = errors.New("no such folder")
		}
		return fmt.Errorf("train: %w", ranks.Agree(job, err))
	},
	"followed": func(job *Job) error {
		err := ranks.Follow(job, errors.New("a full disk"))
		if job.Rank() == 2 {
			time.Sleep(300 * time.Millisecond) // it is told while it computes, too
		}
		return err
	},
	"latecomer": func(job *Job) error {
		job.mpi.ask, job.mpi.answer, job.mpi.late = time.Second, 600*time.Millisecond, 2400*time.Millisecond
		time.Sleep([]time.Duration{0, time.Minute, 2 * time.Second}[job.Rank()])
		return meet(job)
	},
	"alike": func(*Job) error { return errors.New("a wrong word") },
	"stopped": func(job *Job) error {
		job.mpi.ask, job.mpi.answer = 200*time.Millisecond, 300*time.Millisecond
		if job.Rank() == 1 {
			return syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
		return meet(job)
	},
	"late": func(job *Job) error {
		job.mpi.ask, job.mpi.answer, job.mpi.late = 100*time.Millisecond, 200*time.Millisecond, time.Second
		if job.Rank() == 1 {
			time.Sleep(time.Minute)
		}
		return meet(job)
	},
	"slow": func(job *Job) error {
		job.mpi.ask, job.mpi.answer, job.mpi.late = 100*time.Millisecond, time.Second, time.Minute
		if job.Rank() == 1 {
			time.Sleep(4 * time.Second)
		}
		return meet(job)
	},
	"missing": func(job *Job) error {
		if job.Rank() == 1 {
			return syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
		time.Sleep(200 * time.Millisecond)
		return errors.New("missing is " + job.Missing(300*time.Millisecond))
	},
	"panic": func(*Job) (err error) {
		defer func() { err = fmt.Errorf("recovered: %v", recover()) }()
		var nothing *[1 << 20]int
		_ = nothing[5]
		return nil
	},
}

func meet(job *Job) error {
	_, err := job.AllReduce(tensors.FromValue([]float32{1}))
	return err
}

// underMPI runs a scene on so many ranks, and returns what they say.
func underMPI(t *testing.T, name string, ranks int) (said []string, err error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", fmt.Sprint(ranks), program)
	command.Env = append(os.Environ(), scene+"="+name)
	var text bytes.Buffer
	command.Stdout, command.Stderr = &text, &text
	err = command.Run()
	return regexp.MustCompile(`(?m)^said: .*$`).FindAllString(text.String(), -1), err
}

// Processes that another MPI's launcher has started do not each do the whole work.
func TestAnotherLauncherUnderMPI(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), "PMI_SIZE=3", scene+"=contract")
	said, err := command.CombinedOutput()
	if want := "3 processes were started together, and MPI finds 1: start them by the mpirun of the MPI"; err == nil || !strings.Contains(string(said), want) {
		t.Errorf("%v: %s, want %q", err, said, want)
	}
}

// The ranks that mpirun starts keep the contract.
func TestContractUnderMPI(t *testing.T) {
	for ranks := 2; ranks <= 4; ranks++ {
		if said, err := underMPI(t, "contract", ranks); err != nil || len(said) > 0 {
			t.Errorf("%d ranks: %q, %v", ranks, said, err)
		}
	}
}

// To exchange a quarter of a megabyte takes a part of a millisecond, of which a sleep in between would be most.
func TestQuickUnderMPI(t *testing.T) {
	if said, err := underMPI(t, "quick", 2); err != nil {
		t.Errorf("%q, %v", said, err)
	}
}

// A rank that fails, stops, or does not come ends the job on all, in a line that names it.
func TestEndsUnderMPI(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines int // at least
		want  string
		once  bool // no other rank says it
	}{
		{"agreed", 1, `^said: train: rank 1: no such folder$`, true},
		{"followed", 1, `^said: a full disk$`, true},
		{"latecomer", 1, `rank 1 did not come to where the others have waited`, false},
		{"error", 3, `rank 1: no such folder$`, false},
		{"computing", 3, `rank 1: no such folder$`, false},
		{"alike", 1, `^said: a wrong word$`, false},
		{"stopped", 2, `rank 1 did not answer for 0s: stopped, out of memory, or on a machine that is gone$`, false},
		{"late", 1, `rank 1 did not come to where the others have waited for 1s: \$UNIPAIR_RANK_LIMIT is how long they wait$`, false},
		{"missing", 2, `missing is rank 1$`, false},
		{"panic", 1, `recovered: runtime error: invalid memory address or nil pointer dereference$`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			said, err := underMPI(t, c.name, 3)
			if err == nil || len(said) < c.lines || c.once && len(said) > 1 || time.Since(began) > 20*time.Second {
				t.Errorf("said %q, %v, after %s", said, err, time.Since(began))
			}
			for _, line := range said {
				if !regexp.MustCompile(c.want).MatchString(strings.TrimSpace(line)) {
					t.Errorf("said %q, want %q", line, c.want)
				}
			}
		})
	}
	if said, err := underMPI(t, "slow", 3); err != nil {
		t.Errorf("a rank that comes late, and answers: %q, %v", said, err)
	}
}
