// Command ranks measures what a training gains by a second process under MPI, and computes from it what it would gain by more machines.
//
//	go run ./bench/ranks [-rounds 3] [-minutes 11] [-cores 0,1] [-write docs/machines.md]
//
// It builds itself with MPI, and has one process and two take the same steps, each process on a core of its own. For that mpirun starts
// them through taskset: Go and XLA have as many threads as a process may use cores. One process takes its steps as it does without MPI. In
// a round each training is taken by one, by two, and by one that has half of the batch or of the classes. So a round has a strong and a
// weak efficiency. It needs Open MPI or MPICH, its compiler, a machine with two cores that does nothing else, and 3 GB of memory.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/results"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if len(os.Args) == 4 && os.Args[1] == stepping {
		err = takeSteps(ctx, os.Args[2], os.Args[3])
	} else {
		err = run(ctx)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ranks:", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// stepping is the word with which this program starts itself as a process that it measures.
const stepping = "steps"

// launcher starts processes.
type launcher struct {
	program, compiled string // this one, built with MPI, and the folder of what XLA compiles
	mpirun            []string
	cores             []string
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 3, "how often each training is taken by each number of processes")
	minutes := flag.Float64("minutes", 11, "no round begins that would end later")
	cores := flag.String("cores", "0,1", "the two cores, as taskset numbers them")
	small := flag.Bool("small", false, "small trainings, to see whether all runs: their numbers mean nothing")
	page := flag.String("write", "", "Markdown `file` whose section of figures is replaced")
	flag.Parse()
	l := launcher{cores: strings.Split(*cores, ",")}
	if flag.NArg() > 0 || *rounds < 1 || len(l.cores) != 2 || l.cores[0] == l.cores[1] {
		return errors.New("want a round at least, two cores, as -cores 0,1, and no more words")
	}
	began := time.Now()
	dir, err := os.MkdirTemp("", "unipair-ranks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	version, err := l.build(ctx, dir)
	if err != nil {
		return err
	}
	all := trainings(*small)
	taken := make([]map[string][]steps, len(all)) // by who took it, round by round
	var longest time.Duration
	for round := range *rounds {
		start := time.Now()
		if round > 0 && time.Since(began)+longest > time.Duration(*minutes*float64(time.Minute)) {
			break
		}
		for i, t := range all {
			if taken[i] == nil {
				taken[i] = make(map[string][]steps)
			}
			for _, by := range []string{alone, both, half} {
				fmt.Fprintf(os.Stderr, "%4.0f s  round %d: %s, %s\n", time.Since(began).Seconds(), round+1, t.name, by)
				s, err := l.take(ctx, t, by, *small)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", t.name, by, err)
				}
				taken[i][by] = append(taken[i][by], s)
			}
		}
		longest = max(longest, time.Since(start))
	}
	text, err := report(all, taken)
	if err != nil {
		return err
	}
	words := append([]string{"go run ./bench/ranks"}, os.Args[1:]...)
	machine := results.Machine("backend "+taken[0][alone][0].Backend, version)
	section := results.Section{Command: strings.Join(words, " "), Machine: machine, Table: text}
	fmt.Println(section.Text())
	if *page == "" {
		return nil
	}
	return results.Replace(*page, "Figures", section.Text())
}

// build builds this program with MPI, and returns which MPI it is.
func (l *launcher) build(ctx context.Context, dir string) (version string, err error) {
	root, err := repository.Root()
	if err != nil {
		return "", err
	}
	for _, name := range []string{"mpirun", "mpicc", "taskset"} {
		if _, err := exec.LookPath(name); err != nil {
			return "", fmt.Errorf("%w: Debian has it in openmpi-bin, libopenmpi-dev and util-linux", err)
		}
	}
	l.program, l.compiled = filepath.Join(dir, "ranks"), filepath.Join(dir, "compiled")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "mpi", "-o", l.program, "./bench/ranks")
	build.Dir, build.Env = root, append(os.Environ(), "CC="+cmp.Or(os.Getenv("CC"), "mpicc"))
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it cannot be built with MPI: %w: %s", err, said)
	}
	said, err := exec.CommandContext(ctx, "mpirun", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("mpirun --version: %w", err)
	}
	version, _, _ = strings.Cut(strings.TrimSpace(string(said)), "\n")
	l.mpirun = []string{"mpirun"}
	if strings.Contains(version, "Open MPI") { // taskset binds, not Open MPI
		l.mpirun = append(l.mpirun, "-q", "--allow-run-as-root", "--bind-to", "none")
	}
	return version, nil
}

// take has a training taken.
func (l launcher) take(ctx context.Context, t training, by string, small bool) (s steps, err error) {
	words := []string{"taskset", "-c", l.cores[0], l.program, stepping, t.name, by}
	if small {
		words[len(words)-1] += smaller
	}
	if by == both {
		second := slices.Clone(words)
		second[2] = l.cores[1]
		words = slices.Concat(l.mpirun, []string{"-n", "1"}, words, []string{":", "-n", "1"}, second)
	}
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Env = append(os.Environ(), backend.CompiledVariable+"="+l.compiled)
	var said, wrong bytes.Buffer
	command.Stdout, command.Stderr = &said, &wrong
	if err := command.Run(); err != nil {
		return s, fmt.Errorf("%w: %s", err, wrong.String())
	}
	err = json.Unmarshal(said.Bytes(), &s)
	return s, err
}
