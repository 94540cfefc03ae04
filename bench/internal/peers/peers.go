// Package peers runs what Unipair is measured against: Python programs in an environment of their own, each a process that
// answers a line of JSON with a line of JSON.
package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"

	"github.com/unipair/unipair/internal/workspace"
)

// Peer is a running program.
type Peer struct {
	name    string
	ctx     context.Context
	to      io.WriteCloser
	from    *bufio.Reader
	process *exec.Cmd
	said    *lastLine
	stop    func() error
}

// Start runs a program with its words, such as that of [Environment.Command]. It ends, with its children, when ctx does.
func Start(ctx context.Context, name, program string, words ...string) (*Peer, error) {
	p := &Peer{name: name, ctx: ctx, process: workspace.Command(ctx, program, words...), said: &lastLine{}}
	p.process.Stderr = p.said
	p.stop = sync.OnceValue(p.end)
	var err error
	if p.to, err = p.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", name, err)
	}
	from, err := p.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench: %s: %w", name, err)
	}
	p.from = bufio.NewReader(from)
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("bench: %s: %w", name, err)
	}
	return p, nil
}

// Ask sends a question and waits for the answer, a pointer to what it is decoded into. An answer {"error": …} is an error.
func (p *Peer) Ask(question, answer any) error {
	err := json.NewEncoder(p.to).Encode(question)
	var line []byte
	if err == nil {
		line, err = p.from.ReadBytes('\n')
	}
	if err != nil {
		if p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		ended := p.Stop() // waits for the rest of what it says
		if said := p.said.String(); said != "" {
			return fmt.Errorf("bench: %s ended early: %s", p.name, said)
		}
		return fmt.Errorf("bench: %s ended early: %w", p.name, errors.Join(ended, err))
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(line, &failed); err == nil && failed.Error != "" {
		return Failure{p.name, failed.Error}
	}
	if err := json.Unmarshal(line, answer); err != nil {
		return fmt.Errorf("bench: %s answers %.80q: %w", p.name, line, err)
	}
	return nil
}

// Failure says what a peer cannot do; it goes on living.
type Failure struct{ Peer, Reason string }

// Error implements error.
func (f Failure) Error() string { return fmt.Sprintf("bench: %s: %s", f.Peer, f.Reason) }

// Stop ends the program and what it has started. Once is enough, and more do no harm.
func (p *Peer) Stop() error { return p.stop() }

func (p *Peer) end() error {
	_ = p.to.Close() // it is closed already where the program has ended
	err := p.process.Wait()
	if p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("bench: %s: %w", p.name, err)
	}
	return nil
}
