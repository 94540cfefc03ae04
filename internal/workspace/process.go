package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// grace is how long a program may take to end its children and tidy up once it is asked to end.
const grace = 10 * time.Second

// Command returns a program that runs in a process group of its own. When ctx ends, the group is asked to end, and killed
// after a grace period.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = grace
	return command
}

// KillGroup ends what is left of a process group; none left is fine.
func KillGroup(id int) {
	if id > 1 {
		_ = syscall.Kill(-id, syscall.SIGKILL)
	}
}

// Run runs a command to its end and leaves no child behind. The error has the last telling line of what it said on stderr.
func Run(command *exec.Cmd, stdout, stderr io.Writer) error {
	var tail tail
	command.Stdout, command.Stderr = stdout, io.MultiWriter(stderr, &tail)
	err := command.Start()
	if err == nil {
		err = command.Wait()
		KillGroup(command.Process.Pid)
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) { // the latter: it succeeded, and a child that it left held its output open
		return nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && tail.line != "" {
		return fmt.Errorf("%s: %s", exit, tail.line)
	}
	return err
}

// tail keeps the last line of a program's output that is not empty, or the last that says "error".
type tail struct {
	line  string
	error bool
}

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		line = strings.TrimSpace(line)
		isError := strings.Contains(strings.ToLower(line), "error")
		if line != "" && (isError || !t.error) {
			t.line, t.error = line, isError
		}
	}
	return len(p), nil
}
