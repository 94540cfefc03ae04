package compiled

import (
	"crypto/sha256"
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
	set, err := settings(os.Environ())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("unipair executables 2\n%s %d %d %d %d\n%s\n%s", runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0), info.Size(),
		info.ModTime().UnixNano(), set, features(string(processor))), nil
}

// settings returns the variables of an environment, as in os.Environ, by which XLA is set. Flags may lie in a file that a variable names:
// then its content is what counts.
func settings(environment []string) (string, error) {
	var all []string
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		if path := strings.TrimSpace(value); (name == "XLA_FLAGS" || name == "TF_XLA_FLAGS") && path != "" && !strings.HasPrefix(path, "-") {
			flags, err := file.Read(path, 1<<20)
			if err != nil {
				return "", fmt.Errorf("$%s: %w", name, err)
			}
			variable += fmt.Sprintf(" %x", sha256.Sum256(flags))
		}
		for _, prefix := range []string{"XLA_", "TF_XLA_", "PJRT_", "NPROC", "OMP_", "DNNL_", "ONEDNN_", "TF_ENABLE_ONEDNN"} {
			if strings.HasPrefix(name, prefix) {
				all = append(all, variable)
				break
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n"), nil
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
