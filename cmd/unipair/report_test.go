package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/workspace"
	"github.com/unipair/unipair/internal/workspacetest"
)

// Wrong words are an exit code of 2 and one line with what would be right.
func TestReportWords(t *testing.T) {
	for words, want := range map[string]string{
		"report 99":            `unknown notebook "99": known: 01, 02`,
		"report circle-los":    `unknown notebook "circle-los": did you mean circle-loss?`,
		"report --outt x":      "did you mean --out?",
		"report 01 --outt x":   "did you mean --out?",
		"doctor --lab":         "give both",
		"lab --port 0":         "want 1 to 65535",
		"lab 01":               "unexpected argument",
		"doctor --fix=perhaps": `--fix: want true or false, got "perhaps"`,
	} {
		var out, err bytes.Buffer
		if code := run(t.Context(), strings.Fields(words), stdio{nil, &out, &err}); code != 2 {
			t.Errorf("%s: exit code %d, want 2", words, code)
		}
		if !strings.Contains(err.String(), want) || strings.Count(err.String(), "\n") != 1 {
			t.Errorf("%s: said %q, want one line with %q", words, &err, want)
		}
	}
}

// Doctor's checks are the same in JSON and in its exit code, and --json alone is on stdout.
func TestDoctorJSON(t *testing.T) {
	var out, stderr bytes.Buffer
	code := run(t.Context(), []string{"doctor", "--json"}, stdio{nil, &out, &stderr})
	var checks []workspace.Check
	if err := json.Unmarshal(out.Bytes(), &checks); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	want, names := 0, map[string]bool{}
	for _, check := range checks {
		names[check.Name] = true
		if !check.OK {
			want = 1
		}
	}
	if code != want {
		t.Errorf("exit code %d, want %d by %s", code, want, &out)
	}
	for _, name := range []string{"go", "python", "gcc", "workspace python", "workspace kernel", "workspace cache", "backend"} {
		if !names[name] {
			t.Errorf("no check of %s in %s", name, &out)
		}
	}
}

// A signal ends the program with its kernel and all that it started, within two seconds, also one that it does not hear, and leaves no page.
func TestReportSignals(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks for left processes in /proc")
	}
	workspacetest.Ready(t)
	program := buildProgram(t)
	for name, c := range map[string]struct {
		signal syscall.Signal
		code   int
		last   bool // says so
	}{
		"Ctrl-C":            {syscall.SIGINT, 1, true},
		"a closed terminal": {syscall.SIGHUP, 1, true},
		"kill -9":           {syscall.SIGKILL, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			command := exec.Command(program, "report", "01", "--out", out)
			command.Env = append(os.Environ(), "UNIPAIR_TEST_RUN="+out)
			progress, err := command.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			said, buffer := "", make([]byte, 4096)
			for sent := false; ; {
				n, err := progress.Read(buffer)
				said += string(buffer[:n])
				if !sent && strings.Contains(said, "cell 3 of") {
					time.Sleep(200 * time.Millisecond) // the cell is being compiled
					if err := command.Process.Signal(c.signal); err != nil {
						t.Fatal(err)
					}
					sent = true
				}
				if err != nil {
					break
				}
			}
			_ = command.Wait()
			if code := command.ProcessState.ExitCode(); code != c.code || interruptedLast(said) != c.last {
				t.Errorf("exit code %d, said %q, want %d; its last line says so: %v", code, said, c.code, c.last)
			}
			if files, err := os.ReadDir(out); err != nil || len(files) > 0 {
				t.Errorf("left files %v (%v)", files, err)
			}
			for gone := time.Now(); time.Since(gone) < soon && len(workspacetest.Running(t, "UNIPAIR_TEST_RUN="+out)) > 0; {
				time.Sleep(20 * time.Millisecond) // the guards see that we are gone
			}
			wantNothingLeft(t, "UNIPAIR_TEST_RUN="+out)
		})
	}
}
