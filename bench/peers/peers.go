// Package peers runs what Unipair is measured against: Python programs in an environment of their own, each a process that
// answers a line of JSON with a line of JSON.
package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Peer is a running program.
type Peer struct {
	to      io.WriteCloser
	from    *bufio.Reader
	process *exec.Cmd
}

// Start runs a Python program of the repository, in whose root the working directory must be. The first time it installs the
// peers of bench/requirements.txt into bench/.venv.
func Start(ctx context.Context, program string, args ...string) (*Peer, error) {
	python, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, python, append([]string{program}, args...)...)
	process.Stderr = os.Stderr
	to, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	from, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("peer %s: %w", program, err)
	}
	return &Peer{to, bufio.NewReader(from), process}, nil
}

// Ask sends a question and waits for the answer, a pointer to what it is decoded into.
func (p *Peer) Ask(question, answer any) error {
	if err := json.NewEncoder(p.to).Encode(question); err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	line, err := p.from.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("peer: ended early: %w", err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	return nil
}

// Stop ends the program.
func (p *Peer) Stop() error {
	if err := p.to.Close(); err != nil {
		return err
	}
	return p.process.Wait()
}

// environment returns the Python of bench/.venv, made and filled first if it is not there.
func environment(ctx context.Context) (python string, err error) {
	dir := filepath.Join("bench", ".venv")
	python, done := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return python, nil
	}
	fmt.Fprintln(os.Stderr, "installing the peers into "+dir+" (some gigabytes, once)")
	for _, words := range [][]string{
		{"python3", "-m", "venv", dir},
		{python, "-m", "pip", "install", "--quiet", "--requirement", filepath.Join("bench", "requirements.txt")},
	} {
		command := exec.CommandContext(ctx, words[0], words[1:]...)
		command.Stdout, command.Stderr = os.Stderr, os.Stderr
		if err := command.Run(); err != nil {
			return "", fmt.Errorf("cannot install the peers: %v: %w", words, err)
		}
	}
	return python, os.WriteFile(done, nil, 0o666)
}
