package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Command returns a program that runs under a guard, see guard.go. When ctx or this process ends, however it does, so do the program and
// all that it has started, within a second or two.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...) // its error says that there is no such program
	control, end, err := os.Pipe()
	if err != nil {
		command.Err = errors.Join(command.Err, err)
		return command
	}
	command.Args = append([]string{guardName, os.TempDir(), command.Path}, args...)
	command.Path = self()
	command.ExtraFiles = []*os.File{control}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's Ctrl-C is for us alone
	command.Cancel = end.Close                                // it also keeps the pipe open as long as the command is there
	command.WaitDelay = askedTime + stubborn
	return command
}

// Run runs a command to its end and leaves no child behind. The error has the last telling line of what it said on stderr.
func Run(command *exec.Cmd, stdout, stderr io.Writer) error {
	var tail tail
	command.Stdout, command.Stderr = stdout, io.MultiWriter(stderr, &tail)
	err := command.Run()
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
