package workspace

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// A guard is this program once more, between us and a program that we start. It is what the program's orphans fall to. So it finds all
// that the program has started, and nothing else, whatever process group or session they have put themselves into. It ends them when the
// program has ended, and when its end of a pipe says that we have: a killed process cannot do it.

// guardName is the name under which this program is a guard.
const guardName = "unipair-guard"

// askedTime bounds how long a program takes to end its children and tidy up once it is asked to end.
const askedTime = 700 * time.Millisecond

// stubborn bounds how long a guard waits for what it has killed: what a disk holds fast does not go.
const stubborn = time.Second

// control is the file that a guard reads to its end.
const control = 3

func init() {
	if os.Args[0] == guardName && len(os.Args) > 2 {
		os.Exit(guard(os.Args[1], os.Args[2], os.Args[2:]))
	}
}

// guard runs a program to its end and returns its exit code, or 128 and the number of the signal that ended it, as shells do. Where we have
// been killed it also removes the folder of our run, which lies in temp.
func guard(temp, path string, words []string) int {
	adopt()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	syscall.CloseOnExec(control)
	// We are locked to the main thread, as inits are: the program ends with that thread, which is to say with us.
	program, err := syscall.ForkExec(path, words, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: endsWithUs()})
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot start %s: %v\n", path, err)
		return 126
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(control, "control"))
		asked <- syscall.SIGTERM
	}()
	ended, none := make(chan syscall.WaitStatus, 1), make(chan struct{})
	go func() {
		defer close(none)
		for {
			var status syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &status, 0, nil)
			if pid == program {
				ended <- status
			}
			if err != nil && err != syscall.EINTR { // there is no child left
				return
			}
		}
	}()
	var status syscall.WaitStatus
	left := false
	select {
	case status = <-ended:
	case <-asked:
		left = true
		_ = syscall.Kill(program, syscall.SIGTERM)
		select {
		case status = <-ended:
		case <-time.After(askedTime):
			status = syscall.WaitStatus(syscall.SIGKILL)
		}
	}
	killAll(none)
	if left {
		removeLeft(temp)
	}
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// killAll kills all that descends from this process, again and again until none is left: they may go on starting others.
func killAll(none <-chan struct{}) {
	for start := time.Now(); time.Since(start) < stubborn; {
		for _, pid := range descendants(os.Getpid()) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-none:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// descendants returns the children of a process, their children, and so on.
func descendants(of int) (all []int) {
	children := map[int][]int{}
	for pid, parent := range parents() {
		children[parent] = append(children[parent], pid)
	}
	for next := []int{of}; len(next) > 0; {
		these := children[next[0]]
		all, next = append(all, these...), append(next[1:], these...)
	}
	return all
}

// parents returns the parent of every process that can be seen: from /proc, or where there is none from ps.
func parents() map[int]int {
	all := map[int]int{}
	if paths, _ := filepath.Glob("/proc/[0-9]*/stat"); len(paths) > 0 { // the pattern is right
		for _, path := range paths {
			line, err := file.Read(path, 1<<12)
			// The second word is the program's name in brackets, which may hold anything.
			words := strings.Fields(string(line[strings.LastIndex(string(line), ")")+1:]))
			if err != nil || len(words) < 2 {
				continue // it has just ended
			}
			pid, errPid := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if parent, err := strconv.Atoi(words[1]); err == nil && errPid == nil {
				all[pid] = parent
			}
		}
		return all
	}
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil {
			all[pid] = parent
		}
	}
	return all
}
