//go:build mpi

package mpi

// #include "rank.h"
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// farewell bounds how long a rank that has failed waits for what the others have to say.
const farewell = 1500 * time.Millisecond

// Missing asks the other ranks whether they are there, and names those that do not answer in time, as "rank 2"; it is empty where all do. It may
// be called while an exchange waits.
func (j *Job) Missing(within time.Duration) string {
	if j.mpi == nil {
		return ""
	}
	m, silent := j.mpi, make(chan []int, 1)
	ask := func() {
		asked := time.Now()
		m.sayAll(C.ASK, "")
		for {
			m.listen()
			those := m.others(func(rank int) bool { return m.heard[rank].Before(asked) && m.texts[rank] == "" })
			if len(those) == 0 || time.Since(asked) > within {
				silent <- those
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	select {
	case m.asks <- ask:
	default: // somebody asks already
		return ""
	}
	select {
	case those := <-silent:
		if len(those) > 0 {
			return these(those)
		}
	case <-time.After(2 * within): // the thread is in MPI, and comes to nothing else
	}
	return ""
}

// Leave ends this process's part in the job, with an error where it has failed, and returns what it is to say of its end. Other ranks that wait
// for this one, or will, are told. What all have to say rank 0 says alone.
func (j *Job) Leave(err error) error {
	if j.mpi == nil {
		return err
	}
	m := j.mpi
	if err == nil {
		m.do(func() { err, m.ended = meaning(C.rank_end()), true })
		return err
	}
	mine := err.Error()
	m.do(func() {
		own := m.gone == nil || !errors.Is(err, m.gone)
		m.sayAll(C.FAILED, mine)
		for end := time.Now().Add(farewell); len(m.texts) < m.size-1 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			m.listen()
		}
		alike := m.others(func(rank int) bool { return m.texts[rank] == mine })
		switch {
		case len(alike) == m.size-1 && m.rank == 0:
		case len(alike) == m.size-1:
			time.Sleep(farewell / 5) // a launcher that sees a rank end so ends the others, and rank 0 has not said it yet
			err = nil
		case own && !strings.HasPrefix(mine, fmt.Sprintf("rank %d:", m.rank)):
			err = fmt.Errorf("rank %d: %w", m.rank, err)
		}
	})
	return err
}
