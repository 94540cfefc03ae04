//go:build !linux

package workspace

import (
	"os"
	"syscall"
)

// adopt does nothing: orphans go to the system, and a guard ends those whose parents are there.
func adopt() {}

// endsWithUs returns nothing: other systems have no such attribute.
func endsWithUs() *syscall.SysProcAttr { return nil }

// self returns this program.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
