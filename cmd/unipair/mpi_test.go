//go:build mpi

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/pkg/train"
)

// underMPI starts the program on so many ranks in a directory.
func underMPI(t *testing.T, dir, program string, ranks int, words string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	return mpirun(t, dir, append([]string{"-n", strconv.Itoa(ranks), program}, strings.Fields(words)...))
}

// mpirun starts programs in a directory.
func mpirun(t *testing.T, dir string, words []string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "mpirun", append(strings.Fields("--allow-run-as-root --oversubscribe"), words...)...)
	said := &bytes.Buffer{}
	command.Dir, command.Stdout, command.Stderr = dir, said, said
	command.Env = append(os.Environ(), backend.Variable+"=go")
	return command, said
}

// inTwoPlaces starts the program on two ranks, each in a directory of its own.
func inTwoPlaces(t *testing.T, dirs [2]string, program, words string) (said string, err error) {
	t.Helper()
	one := append([]string{program}, strings.Fields(words)...)
	both := append([]string{"-n", "1", "-wdir", dirs[0]}, one...)
	both = append(append(both, ":", "-n", "1", "-wdir", dirs[1]), one...)
	command, text := mpirun(t, dirs[0], both)
	err = command.Run()
	return strings.TrimSpace(text.String()), err
}

// What rank 0 alone reads and writes others need not see: --out, --from and --report. What it finds wrong there is said once.
func TestOneDirectoryUnderMPI(t *testing.T) {
	first, program := t.TempDir(), built(t)
	dirs := [2]string{first, t.TempDir()}
	for _, c := range []struct{ words, wrong string }{
		{fewGlyphs + "--steps 2 --out begun", ""},
		{fewGlyphs + "--steps 2 --out tuned --from begun", ""},
		{fewGlyphs + "--steps 2 --out tuned --from begun", ""}, // it is resumed, and reads begun no more
		{"eval --data glyphs --checkpoint " + filepath.Join(first, "tuned") + " --report page.html", ""},
		{fewGlyphs + "--steps 2 --out tuned --from begun --seed 8", "unipair: rank 0: train: tuned holds another run (seed is 0, not 8)"},
		{fewGlyphs + "--steps 2 --out other --from nowhere", "unipair: rank 0: --from: stat nowhere: no such file or directory"},
		{"eval --data glyphs --checkpoint " + filepath.Join(first, "tuned") + " --report none/page.html",
			"unipair: rank 0: eval: --report: there is no folder none: make it first"},
	} {
		said, err := inTwoPlaces(t, dirs, program, c.words)
		if (err == nil) != (c.wrong == "") {
			t.Fatalf("%s: %v: %s", c.words, err, said)
		}
		if lines := regexp.MustCompile(`(?m)^unipair: .*`).FindAllString(said, -1); c.wrong != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.wrong)) {
			t.Errorf("%s: said %q, want %q once", c.words, lines, c.wrong)
		}
	}
	left, err := os.ReadDir(dirs[1])
	if err != nil || len(left) > 0 {
		t.Errorf("the other rank has written %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(first, "page.html")); err != nil {
		t.Error(err)
	}
}

// history returns the losses of a run, line by line, without its speed.
func history(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(regexp.MustCompile(`,"images_per_second":[^}]*`).ReplaceAllString(string(text), ""), "\n")
}

// built builds this program with MPI.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "unipair")
	if said, err := exec.Command("go", "build", "-tags", "mpi", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return program
}

const fewGlyphs = "train --data glyphs --width 4 --dim 16 --size 16 --classes 8 --per-class 2 --warmup 1 --save-every 4 "

// The first step of two ranks has the loss that one process has which takes the batch in two pieces, and a run the same history twice. A random
// rank that is killed with no chance to say a word ends the job at once; twenty times over nothing is lost but the steps since the last checkpoint,
// and the end is that of a run without a break.
func TestTrainUnderMPI(t *testing.T) {
	dir, program := t.TempDir(), built(t)
	const steps = 60
	words := fewGlyphs + fmt.Sprintf("--steps %d --out ", steps)
	for _, c := range []struct {
		ranks int
		words string
	}{{1, words + "one --pieces 2"}, {2, words + "two"}} {
		if command, said := underMPI(t, dir, program, c.ranks, c.words); command.Run() != nil {
			t.Fatalf("%d ranks: %s", c.ranks, said)
		}
	}
	one, two := history(t, filepath.Join(dir, "one")), history(t, filepath.Join(dir, "two"))
	var first, second train.Record
	if err := errors.Join(json.Unmarshal([]byte(one[0]), &first), json.Unmarshal([]byte(two[0]), &second)); err != nil {
		t.Fatal(err)
	}
	if len(two) != steps+1 || first.Loss == 0 || math.Abs(first.Loss-second.Loss) > 1e-6*first.Loss || first.Recall != second.Recall {
		t.Errorf("two ranks begin otherwise than one process in two pieces:\n%.600s\n%.600s", two[0], one[0])
	}
	kills := 20
	if testing.Short() {
		kills = 3
	}
	for i := range kills {
		command, said := underMPI(t, dir, program, 2, words+"killed")
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(500+rand.IntN(700)) * time.Millisecond)
		began := time.Now()
		kill(command.Process.Pid, i%2)
		if err := command.Wait(); err != nil && time.Since(began) > 20*time.Second {
			t.Errorf("it ended %s after a rank was killed: %s", time.Since(began), said)
		}
	}
	if command, said := underMPI(t, dir, program, 2, words+"killed"); command.Run() != nil {
		t.Fatalf("after %d kills: %s", kills, said)
	}
	if killed := history(t, filepath.Join(dir, "killed")); !slices.Equal(killed, two) {
		t.Errorf("after %d kills the history is another:\n%.600s\n%.600s", kills, killed, two)
	}
}

// kill kills one of the processes that mpirun has started, if it has.
func kill(mpirun, which int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", mpirun, mpirun))
	if children := strings.Fields(string(text)); len(children) > which {
		pid, _ := strconv.Atoi(children[which])
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	}
}

// Three ranks that embed a share each measure and write what one process does, to the bit.
func TestEmbedUnderMPI(t *testing.T) {
	dir, program := t.TempDir(), built(t)
	do := func(ranks int, words string) string {
		t.Helper()
		command, said := underMPI(t, dir, program, ranks, words)
		command.Stderr = nil
		if err := command.Run(); err != nil {
			t.Fatalf("%d ranks: %s: %v", ranks, words, err)
		}
		return said.String()
	}
	do(1, fewGlyphs+"--steps 4 --out run")
	measure := "eval --checkpoint run --data glyphs --json"
	if one, three := do(1, measure), do(3, measure); len(one) < 100 || one != three {
		t.Errorf("three ranks measure %.300s, and one process %.300s", three, one)
	}
	for ranks, out := range map[int]string{1: "one", 3: "three"} {
		do(ranks, "export --checkpoint run --data glyphs --out "+out)
	}
	read := func(out string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, out, "embeddings.npy"))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if !bytes.Equal(read("one"), read("three")) {
		t.Error("three ranks export other embeddings than one process")
	}
}

// Words that are wrong, and commands that are for one process, are refused once for all ranks.
func TestWordsUnderMPI(t *testing.T) {
	dir, program := t.TempDir(), built(t)
	for words, want := range map[string]string{
		"train --los x": "unipair: train: unknown flag --los: did you mean --loss?",
		"data":          "unipair: data is for one process, and 3 were started together: start it without mpirun",
	} {
		command, said := underMPI(t, dir, program, 3, words)
		err := command.Run()
		ours := slices.DeleteFunc(strings.Split(said.String(), "\n"), func(line string) bool { return !strings.HasPrefix(line, "unipair") })
		if err == nil || !slices.Equal(ours, []string{want}) { // mpirun has a word of its own
			t.Errorf("%s: %v, %q, want %q", words, err, said, want)
		}
	}
}
