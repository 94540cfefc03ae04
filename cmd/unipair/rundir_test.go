package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/train"
)

// What a training would write over in its directory, and no run has written, is named before any work, and stays as it is.
func TestTrainLeavesWhatIsTheUsers(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	for _, name := range []string{"history.jsonl", "history.svg", "run.yaml", ".lock", "step-00000003", "best-00000003", ".partial-step-00000003"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
		code, out, messages := call(t, little(dir)...)
		if code != 1 || out != "" || !strings.Contains(messages, path) || strings.Count(messages, "\n") != 1 {
			t.Errorf("%s: exit %d, wrote %q, said %q", name, code, out, messages)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
			t.Errorf("%s is %q, %v", name, text, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("beside %s: %v, %v", name, entries, err)
		}
	}
	// A figure that cannot be written is told before the training, not after.
	dir := t.TempDir()
	if code, _, messages := call(t, little(dir)...); code != 0 {
		t.Fatal(messages)
	}
	figure := filepath.Join(dir, "history.svg")
	if err := os.Remove(figure); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(figure, 0o777); err != nil {
		t.Fatal(err)
	}
	if code, out, messages := call(t, little(dir)...); code != 1 || out != "" || !strings.Contains(messages, figure+" is a folder") {
		t.Errorf("a folder for the figure: exit %d, wrote %q, said %q", code, out, messages)
	}
}

// A training is made longer with the words that began it.
func TestTrainLonger(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir := t.TempDir()
	words := little(dir, "--schedule", "constant", "--warmup", "0")
	if code, _, messages := call(t, words...); code != 0 {
		t.Fatal(messages)
	}
	code, out, messages := call(t, append(words, "--steps", "5")...)
	text, err := os.ReadFile(filepath.Join(dir, "run.yaml"))
	if code != 0 || !strings.Contains(out, "5 steps done") || err != nil || !strings.Contains(string(text), "\nsteps: 5\n") {
		t.Errorf("5 steps: exit %d, wrote %q, said %q; run.yaml is %s, %v", code, out, messages, text, err)
	}
	if code, _, messages := call(t, append(words, "--steps", "4")...); code != 1 || !strings.Contains(messages, "of which 5 are done, and 4 are asked for") {
		t.Errorf("4 steps: exit %d, said %q", code, messages)
	}
}

// trainUnread names the directory in which this test program trains while nobody reads what it says.
const trainUnread = "UNIPAIR_TEST_TRAIN_UNREAD"

// A training goes on to its last checkpoint when whoever read its output has gone.
func TestTrainUnread(t *testing.T) {
	if dir := os.Getenv(trainUnread); dir != "" {
		os.Args = append([]string{"unipair"}, little(dir, "--steps", "40", "--save-every", "1000")...)
		main()
	}
	dir := t.TempDir()
	process := exec.Command(os.Args[0], "-test.run=^TestTrainUnread$")
	process.Env = append(os.Environ(), trainUnread+"="+dir, "GOMLX_BACKEND=go")
	reading, writing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stdout, process.Stderr = writing, writing
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writing.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(reading).ReadString('\n'); err != nil {
		t.Error(err)
	}
	if err := reading.Close(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // its last line could not be written, and it ends by that
	if m, err := train.ReadManifest(dir); err != nil || m.Step != 40 {
		t.Errorf("the checkpoint is of step %d, %v; want 40", m.Step, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "history.svg")); err != nil || info.Size() == 0 {
		t.Errorf("no figure: %v", err)
	}
}
