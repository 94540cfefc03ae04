package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/workspacetest"
)

// address is what JupyterLab prints for the browser.
var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/\S*token=([0-9a-f]+)`)

// Lab asks for its token, runs a notebook as a browser would, completes Go, and ends with all that it started at Ctrl-C.
func TestLab(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks for left processes in /proc")
	}
	w := workspacetest.Ready(t)
	if _, err := os.Stat(filepath.Join(w.Root, ".workspace", "completion", "gopls")); err != nil && os.Getenv("CI") == "" {
		t.Skip("gopls is not set up; `unipair doctor --fix --lab` does it")
	}
	folder, err := os.MkdirTemp(w.Root, "lab-test-") // the notebook finds the repository one folder up
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	const notebook = "01-unified-formula.ipynb"
	content, err := os.ReadFile(filepath.Join(w.Root, "notebooks", notebook))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, notebook), content, 0o644); err != nil {
		t.Fatal(err)
	}
	lab := exec.Command(buildProgram(t), "lab", "--no-browser", "--port", "18888")
	lab.Env = append(os.Environ(), "UNIPAIR_TEST_RUN="+folder)
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	lab.Stdout, lab.Stderr = said, said
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- lab.Wait() }()
	defer lab.Process.Kill() // if it has ended, nothing
	var where []string
	for range 600 {
		text, _ := os.ReadFile(said.Name()) // it was made above
		if where = address.FindStringSubmatch(string(text)); where != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if where == nil {
		text, _ := os.ReadFile(said.Name())
		t.Fatalf("no address in a minute; it said %s", text)
	}
	client := exec.Command(w.Program("python"), "testdata/lab.py", where[1], where[2], filepath.Base(folder)+"/"+notebook)
	client.Stderr = os.Stderr
	out, err := client.Output()
	if err != nil {
		t.Fatalf("the client: %v", err)
	}
	var got struct {
		NoToken    int      `json:"no_token"`
		WrongToken int      `json:"wrong_token"`
		Shown      []string `json:"shown"`
		Matches    []string `json:"matches"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.NoToken != 403 || got.WrongToken != 403 {
		t.Errorf("without a token it answers %d, with a wrong one %d; want 403", got.NoToken, got.WrongToken)
	}
	for _, form := range []string{"image/svg+xml", "image/png", "text/markdown"} {
		if !slices.Contains(got.Shown, form) {
			t.Errorf("the notebook shows %q, want %s among them", got.Shown, form)
		}
	}
	if !slices.ContainsFunc(got.Matches, func(match string) bool { return strings.Contains(match, "DefaultCircle") }) {
		t.Errorf("losses.DefaultCir is completed to %q, want DefaultCircle", got.Matches)
	}
	if err := lab.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		if code := lab.ProcessState.ExitCode(); code != 1 {
			t.Errorf("after Ctrl-C: exit code %d, want 1, as of every command that a signal ends", code)
		}
	case <-time.After(30 * time.Second):
		t.Error("it has not ended half a minute after Ctrl-C")
	}
	wantNothingLeft(t, "UNIPAIR_TEST_RUN="+folder)
}

// buildProgram builds the program, which hears every signal even where the tests run under nohup: what this process ignores, the programs
// that it starts ignore too.
func buildProgram(t *testing.T, flags ...string) string {
	t.Helper()
	if signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	program := filepath.Join(t.TempDir(), "unipair")
	if out, err := exec.Command("go", append(append([]string{"build"}, flags...), "-o", program, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// wantNothingLeft looks for programs whose environment has the setting.
func wantNothingLeft(t *testing.T, setting string) {
	t.Helper()
	for _, program := range workspacetest.Running(t, setting) {
		t.Errorf("left running: %q", program)
	}
}
