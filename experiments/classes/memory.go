package main

import (
	"strconv"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// usage returns what memory the process has, and the most it had, in MB; 0 where the system does not say.
type usage struct{ resident, peak float64 }

func memory() usage {
	text, err := file.Read("/proc/self/status", 1<<20)
	if err != nil {
		return usage{}
	}
	return parseStatus(string(text))
}

// parseStatus reads the lines VmRSS and VmHWM.
func parseStatus(text string) (u usage) {
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		kilobytes, err := strconv.ParseFloat(number, 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			u.resident = kilobytes / 1024
		case "VmHWM":
			u.peak = kilobytes / 1024
		}
	}
	return u
}
