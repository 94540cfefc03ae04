package compiled

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/file"
)

// machine describes what an executable of a plugin is for: the plugin's file, the variables that change what it compiles, and the
// processors. A file in place of another is told by its size and time.
func machine(plugin string) (string, error) {
	info, err := os.Stat(plugin)
	if err != nil {
		return "", err
	}
	processor, err := file.Read("/proc/cpuinfo", 16<<20)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("unipair executables 1\n%s %d %d %d %d\n%s\n%s", runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0), info.Size(),
		info.ModTime().UnixNano(), settings(os.Environ()), features(string(processor))), nil
}

// settings returns the variables of an environment, as in os.Environ, by which XLA is set.
func settings(environment []string) string {
	var all []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range []string{"XLA_", "TF_XLA_", "PJRT_", "NPROC", "OMP_", "DNNL_", "ONEDNN_", "TF_ENABLE_ONEDNN"} {
			if strings.HasPrefix(name, prefix) {
				all = append(all, variable)
				break
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// features returns what Linux tells of the first processor but what changes from one look to the next: its speed.
func features(processors string) string {
	first, _, _ := strings.Cut(processors, "\n\n")
	var all []string
	for line := range strings.Lines(first) {
		name, _, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(name) {
		case "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
			"Features", "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision":
			all = append(all, strings.TrimSpace(line))
		}
	}
	return strings.Join(all, "\n")
}
