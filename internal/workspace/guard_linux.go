package workspace

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// adopt makes this process the parent of all of its descendants whose own parent ends.
func adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } // since Linux 3.4

// endsWithUs lets a child be killed when this process is.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// self returns this program, also when its file has been replaced.
func self() string { return "/proc/self/exe" }
