package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/workspace"
	"github.com/unipair/unipair/internal/workspacetest"
)

// startingChild names the mark of what this test program starts, and is then killed for.
const startingChild = "UNIPAIR_TEST_CHILD"

// offspring starts a child that ignores what asks it to end, one in a session of its own, and one whose parent has ended, and says so.
const offspring = `trap '' TERM INT HUP
sleep 300 &
setsid sleep 300 &
(setsid sh -c 'trap "" TERM HUP; sleep 300 & sleep 300' &)
sleep 0.2
`

// However a program ends, what it has started is gone within two seconds, and nothing else is: not what merely names its folder.
func TestNothingOutlives(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks for left processes in /proc")
	}
	if mark := os.Getenv(startingChild); mark != "" {
		if _, _, err := workspace.TempDir(); err != nil {
			t.Fatal(err)
		}
		err := workspace.Run(workspace.Command(context.Background(), "sh", "-c", offspring+"touch "+mark+"; sleep 300"), os.Stdout, os.Stderr)
		t.Fatal("the child ended: ", err)
	}
	for name, end := range map[string]func(t *testing.T, mark string){
		"it is done": func(t *testing.T, _ string) {
			if err := workspace.Run(workspace.Command(t.Context(), "sh", "-c", offspring), new(bytes.Buffer), new(bytes.Buffer)); err != nil {
				t.Error(err)
			}
		},
		"it fails": func(t *testing.T, _ string) {
			err := workspace.Run(workspace.Command(t.Context(), "sh", "-c", offspring+"echo an error of ours >&2; exit 3"), new(bytes.Buffer), new(bytes.Buffer))
			wantLine(t, err, "exit status 3", "an error of ours")
		},
		"it is killed": func(t *testing.T, _ string) {
			err := workspace.Run(workspace.Command(t.Context(), "sh", "-c", offspring+"kill -9 $$"), new(bytes.Buffer), new(bytes.Buffer))
			wantLine(t, err, "exit status 137")
		},
		"it is interrupted": func(t *testing.T, mark string) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() { await(mark); cancel() }()
			err := workspace.Run(workspace.Command(ctx, "sh", "-c", offspring+"touch "+mark+"; sleep 300"), new(bytes.Buffer), new(bytes.Buffer))
			if err == nil {
				t.Error("no error")
			}
		},
		"we are killed": func(t *testing.T, mark string) {
			us := exec.Command(os.Args[0], "-test.run=^TestNothingOutlives$")
			temp := t.TempDir()
			us.Env = append(os.Environ(), startingChild+"="+mark, "TMPDIR="+temp)
			if err := us.Start(); err != nil {
				t.Fatal(err)
			}
			await(mark)
			_ = us.Process.Kill()
			_ = us.Wait()
			for range 300 { // and so is the folder of its run
				if left, _ := os.ReadDir(temp); len(left) == 0 {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Error("the folder of the run is left")
		},
	} {
		t.Run(name, func(t *testing.T) {
			mark := filepath.Join(t.TempDir(), "mark")
			t.Setenv("UNIPAIR_TEST_RUN", mark)
			bystander := exec.Command("sh", "-c", "sleep 300; true", mark) // an editor of what lies there, say
			bystander.Env = []string{"PATH=" + os.Getenv("PATH")}
			bystander.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := bystander.Start(); err != nil {
				t.Fatal(err)
			}
			defer bystander.Wait() // of what is killed
			defer syscall.Kill(-bystander.Process.Pid, syscall.SIGKILL)
			end(t, mark)
			ended := time.Now()
			var left []string
			for {
				left = workspacetest.Running(t, "UNIPAIR_TEST_RUN="+mark)
				if len(left) == 0 || time.Since(ended) > 3*time.Second {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if len(left) > 0 {
				t.Errorf("left running: %q", left)
			}
			if err := bystander.Process.Signal(syscall.Signal(0)); err != nil {
				t.Errorf("the bystander is gone: %v", err)
			}
		})
	}
}

// await waits until a file is there.
func await(path string) {
	for range 1000 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A command has its input, output, folder, environment and exit code as if there were no guard, and one that is not there says so.
func TestGuarded(t *testing.T) {
	dir := t.TempDir()
	command := workspace.Command(t.Context(), "sh", "-c", `read line; echo "$line $NAME $0 $1 $(pwd)"; [ -e /proc/self/fd/3 ] && echo open; exit 7`, "zero", "a b")
	command.Stdin, command.Dir, command.Env = strings.NewReader("in\n"), dir, append(os.Environ(), "NAME=value")
	var out bytes.Buffer
	err := workspace.Run(command, &out, new(bytes.Buffer))
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 7 {
		t.Errorf("error %v, want exit status 7", err)
	}
	if want := fmt.Sprintf("in value zero a b %s\n", dir); out.String() != want {
		t.Errorf("it said %q, want %q", out.String(), want)
	}
	if err := workspace.Run(workspace.Command(t.Context(), "no-such-program"), new(bytes.Buffer), new(bytes.Buffer)); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("error %v, want %v", err, exec.ErrNotFound)
	}
}

// The folder of a run is gone after it; one that a killed run left is gone when the next begins, and nobody else's is touched.
func TestTempDir(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	make := func(name string, files ...string) string {
		dir := filepath.Join(temp, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	left := make("unipair-run-1", ".unipair-lock", "cell.go")
	users := []string{make("unipair-run-photos", "a.png"), make("unipair-photos", ".unipair-lock")}
	living, remove, err := workspace.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	again, removeAgain, err := workspace.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(users, living, again) {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	remove()
	removeAgain()
	for _, dir := range []string{left, living, again} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is there still", dir)
		}
	}
}
