package main

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

// A contestant takes steps when it is told to.
type contestant interface {
	steps(n int) (turn, error)
}

// turn is what some steps cost.
type turn struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of all processors
	Loss    float64 `json:"loss"`
	Version string  `json:"version"`
}

// peer is peer.py in a process of its own.
type peer struct {
	to      io.WriteCloser
	from    *bufio.Reader
	process *exec.Cmd
}

func startPeer(ctx context.Context, name string) (*peer, error) {
	python, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, python, filepath.Join("bench", "training", "peer.py"), name)
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
		return nil, fmt.Errorf("peer %s: %w", name, err)
	}
	return &peer{to, bufio.NewReader(from), process}, nil
}

func (p *peer) steps(n int) (turn, error) {
	if _, err := fmt.Fprintln(p.to, n); err != nil {
		return turn{}, fmt.Errorf("peer: %w", err)
	}
	line, err := p.from.ReadBytes('\n')
	if err != nil {
		return turn{}, fmt.Errorf("peer: ended early: %w", err)
	}
	var t turn
	if err := json.Unmarshal(line, &t); err != nil {
		return turn{}, fmt.Errorf("peer: %w", err)
	}
	return t, nil
}

func (p *peer) stop() error {
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
