// Package backend opens the GoMLX backend that programs compute with: XLA where its plugin is, else pure Go.
package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"      // the pure-Go backend
	_ "github.com/gomlx/gomlx/backends/default" // XLA
)

// Variable is the environment variable of GoMLX that names a backend and always wins.
const Variable = "GOMLX_BACKEND"

// Open opens the backend that $GOMLX_BACKEND names, else XLA where the workspace has its plugin, else the pure-Go backend.
// The line says which, and why.
func Open() (b compute.Backend, line string, err error) {
	config, line := Choose()
	if b, err = compute.NewWithConfig(config); err != nil {
		return nil, "", fmt.Errorf("backend %s: %w; unset %s to let Unipair choose, or set it to go", config, err, Variable)
	}
	return b, line, nil
}

// Choose returns the configuration that Open opens, and the line about it.
func Choose() (config, line string) {
	if config = os.Getenv(Variable); config != "" {
		return config, fmt.Sprintf("backend: %s ($%s)", config, Variable)
	}
	if plugin, ok := PluginPath(); ok {
		return "xla:" + plugin, "backend: XLA (the workspace's plugin)"
	}
	return "go", "backend: pure Go (slow; `unipair doctor --fix` brings XLA)"
}

// PluginPath returns where the workspace of the repository round the working directory has the XLA plugin, if it has it.
func PluginPath() (path string, ok bool) {
	dir, err := os.Getwd()
	if err != nil || runtime.GOOS != "linux" {
		return "", false
	}
	for {
		pattern := filepath.Join(dir, ".workspace", "venv", "lib", "python3*", "site-packages", "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so")
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0], true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
