//go:build mpi

package mpi

// #include "rank.h"
import "C"

import (
	"errors"
	"fmt"
	"time"

	"github.com/unipair/unipair/internal/ranks"
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

// named returns how a text begins that is of a rank.
func named(rank int) string { return fmt.Sprintf("rank %d: ", rank) }

// Leave ends this process's part in the job, with an error where it has failed, which it has said: what all have to say rank 0 says alone.
// Other ranks that wait for this one, or will, are told.
func (j *Job) Leave(err error, say func(error)) {
	switch m := j.mpi; {
	case m == nil:
		say(err)
	case err == nil:
		m.do(func() { err, m.ended = meaning(C.rank_end()), true })
		say(err)
	default:
		if said := m.fail(err); said != nil {
			say(said)
		}
		time.Sleep(farewell / 5) // a launcher that sees a process end so ends the others, which may not have said it yet
	}
}

// fail tells all others of an error, and returns what this rank is to say of it: nothing of what all know where rank 0 says it.
func (m *member) fail(err error) (said error) {
	m.do(func() {
		mine := err.Error()
		_, agreed := errors.AsType[ranks.Agreed](err)
		tag, text := C.int(C.FAILED), mine
		switch {
		case agreed:
			tag = C.AGREED
		case m.gone == nil || !errors.Is(err, m.gone): // it is one's own
			text = named(m.rank) + mine
		}
		m.sayAll(tag, text)
		for end := time.Now().Add(farewell); len(m.texts) < m.size-1 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			m.listen()
		}
		switch alike := m.others(func(rank int) bool { return m.texts[rank] == mine }); {
		case !agreed && len(alike) < m.size-1:
			said = errors.New(text)
		case m.rank == 0:
			said = err
		}
	})
	return said
}
