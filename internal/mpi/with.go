//go:build mpi

package mpi

// #include <sched.h>
// #include <unistd.h>
// #include "rank.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"github.com/unipair/unipair/internal/ranks"
)

// Job is this process's place in a job.
type Job struct {
	ranks.Group
	mpi *member // nil: alone
}

// Join takes this process's place among those that a launcher has started, and leaves MPI alone where there was none. Failed is called, from
// another goroutine, when another rank has failed.
func Join(failed func(error)) (*Job, error) {
	there := launched()
	// Slurm's srun with PMIx says no number: MPI does, once it has started.
	if _, rank := os.LookupEnv("PMIX_RANK"); there == 1 || there == 0 && !rank {
		return &Job{Group: ranks.Alone{}}, nil
	}
	l, err := readLimits()
	if err == nil {
		err = ownGPU()
	}
	if err != nil {
		return nil, err
	}
	m := &member{limits: l, failed: failed, calls: make(chan func()), asks: make(chan func(), 1)}
	ready := make(chan error)
	go m.thread(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("MPI does not start: %w", err)
	}
	if there > 0 && m.size != there {
		return nil, fmt.Errorf("%d processes were started together, and MPI finds %d: start them by the mpirun of the MPI that this program is built with "+
			"(docs/machines.md)", there, m.size)
	}
	return &Job{Group: m, mpi: m}, nil
}

// member is a rank. MPI is called by one thread of the system alone.
type member struct {
	limits
	rank, size int
	failed     func(error)
	calls      chan func() // for the thread: what it does while this rank computes
	asks       chan func() // for the thread: what it does while it waits, too

	// Of the thread alone.
	ended  bool           // MPI is, with all ranks
	met    time.Time      // when the last exchange ended
	gone   error          // why there is nothing to exchange any more
	texts  map[int]string // what those say that have failed, or have heard of one, but for their own name
	heard  []time.Time    // when each was last heard
	waited []time.Time    // when each last asked, as one does that waits
}

// quiet bounds how long the thread sleeps while there is nothing to exchange, before it looks whether another rank asks.
const quiet = 50 * time.Millisecond

// thread calls MPI.
func (m *member) thread(ready chan<- error) {
	runtime.LockOSThread()
	var rank, size, provided C.int
	err := meaning(C.rank_begin(&rank, &size, &provided))
	if err == nil && provided == 0 {
		err = errors.New("it takes no program of several threads: take one that was built with them")
	}
	m.rank, m.size = int(rank), int(size)
	m.texts, m.heard, m.waited = make(map[int]string), make([]time.Time, size), make([]time.Time, size)
	ready <- err
	if err != nil {
		return
	}
	tick := time.NewTicker(quiet)
	for !m.ended {
		select {
		case call := <-m.calls:
			call()
		case ask := <-m.asks:
			ask()
		case <-tick.C:
			before := m.gone
			if m.listen(); before == nil && m.gone != nil && m.failed != nil {
				go m.failed(m.gone)
			}
		}
	}
}

// do has the thread do what calls MPI, and waits for it.
func (m *member) do(call func()) {
	done := make(chan struct{})
	m.calls <- func() { call(); close(done) }
	<-done
}

// meaning returns the error of a code of MPI.
func meaning(code C.int) error {
	if code == C.FINE {
		return nil
	}
	var text [C.LONGEST]C.char
	n := C.rank_meaning(code, &text[0])
	return errors.New(C.GoStringN(&text[0], n))
}

// exchange begins an exchange and waits until it is done. What it reads and writes is pinned by the caller.
func (m *member) exchange(begin func() C.int) (err error) {
	m.do(func() {
		if m.gone == nil {
			m.gone = meaning(begin())
		}
		if m.gone == nil {
			m.gone = m.wait()
		}
		m.met, err = time.Now(), m.gone
	})
	return err
}

// wait waits for the exchange that has begun, or for a reason why it will not end. It asks the others once it has waited for long, and at once where
// one of them has: that one is not to take this rank for late.
func (m *member) wait() error {
	began := time.Now()
	var asked time.Time
	for {
		var done C.int
		if err := meaning(C.rank_test(&done)); err != nil || done != 0 {
			return err
		}
		if m.listen(); m.gone != nil {
			return m.gone
		}
		select {
		case ask := <-m.asks:
			ask()
		default:
		}
		now := time.Now()
		if asked.IsZero() && len(m.others(func(rank int) bool { return m.waited[rank].After(m.met) })) > 0 {
			m.sayAll(C.ASK, "")
			asked = now
		}
		if now.Sub(began) > m.ask && (asked.IsZero() || now.Sub(asked) > m.answer) {
			if err := m.judge(now, began, asked); err != nil {
				return err
			}
			asked = now
			m.sayAll(C.ASK, "")
		}
		giveWay(now.Sub(began))
	}
}

// giveWay leaves the processor to others for about a hundredth of the time that was waited, 0.2 ms at most. MPI moves what is exchanged only while it
// is called, and time.Sleep of a process in which nothing else runs takes a whole millisecond: the thread sleeps by itself.
func giveWay(waited time.Duration) {
	if waited < 2*time.Millisecond {
		runtime.Gosched()
		C.sched_yield()
		return
	}
	C.usleep(C.useconds_t(min(waited/100, 200*time.Microsecond).Microseconds()))
}

// judge returns an error that names the ranks that did not answer since they were asked, or that have computed for too long.
func (m *member) judge(now, began, asked time.Time) error {
	if asked.IsZero() {
		return nil
	}
	if silent := m.others(func(rank int) bool { return m.heard[rank].Before(asked) }); len(silent) > 0 {
		return fmt.Errorf("%s did not answer for %s: stopped, out of memory, or on a machine that is gone", these(silent), now.Sub(asked).Round(time.Second))
	}
	late := m.others(func(rank int) bool { return now.Sub(m.waited[rank]) > 2*m.answer })
	if now.Sub(began) < m.late || len(late) == 0 {
		return nil
	}
	return fmt.Errorf("%s did not come to where the others have waited for %s: $%s is how long they wait", these(late),
		now.Sub(began).Round(time.Second), LimitVariable)
}

// others returns the other ranks of which something is so.
func (m *member) others(so func(rank int) bool) (those []int) {
	for rank := range m.size {
		if rank != m.rank && so(rank) {
			those = append(those, rank)
		}
	}
	return those
}

// sayAll says something to all others.
func (m *member) sayAll(tag C.int, text string) {
	var said unsafe.Pointer
	if text != "" {
		said = unsafe.Pointer(C.CString(text)) // it stays, for who hears it late: a rank fails once
	}
	for _, rank := range m.others(func(int) bool { return true }) {
		C.rank_say(said, C.int(len(text)), C.int(rank), tag)
	}
}

// listen takes in what other ranks say.
func (m *member) listen() {
	for {
		var there, from, tag, count C.int
		if C.rank_heard(&there, &from, &tag, &count) != C.FINE || there == 0 {
			return
		}
		text := make([]byte, count+1)
		if C.rank_take(unsafe.Pointer(&text[0]), count, from, tag) != C.FINE {
			return
		}
		rank, now := int(from), time.Now()
		m.heard[rank] = now
		switch tag {
		case C.ASK:
			m.waited[rank] = now
			C.rank_say(nil, 0, from, C.HERE)
		case C.FAILED, C.AGREED:
			said := string(text[:count])
			m.texts[rank] = strings.TrimPrefix(said, named(rank))
			if m.gone != nil {
				continue
			}
			if m.gone = errors.New(said); tag == C.AGREED {
				m.gone = ranks.Agreed{Err: m.gone}
			}
		}
	}
}
