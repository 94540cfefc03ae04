package workspace

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// sweep ends the programs whose command lines hold words of one run's own. A process group does not catch all of a
// kernel: GoNB puts gopls in a group of its own, and forgets it when it is told twice to end, as Jupyter does.
func sweep(words string) {
	for pid, line := range commandLines() {
		if pid != os.Getpid() && strings.Contains(line, words) {
			KillGroup(pid) // of a program that leads its group, with its children
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// commandLines returns the command line of every program that can be seen: from /proc, or where there is none from ps.
func commandLines() map[int]string {
	lines := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is right
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if content, readErr := os.ReadFile(file); err == nil && readErr == nil {
			lines[pid] = string(bytes.ReplaceAll(content, []byte{0}, []byte{' '}))
		}
	}
	if len(files) > 0 {
		return lines
	}
	out, err := exec.Command("ps", "-A", "-ww", "-o", "pid=,args=").Output()
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(out)) {
		number, words, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(number); err == nil {
			lines[pid] = words
		}
	}
	return lines
}
