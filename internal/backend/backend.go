// Package backend opens the GoMLX backend that programs compute with: XLA where its plugin is, else pure Go.
package backend

import (
	"fmt"
	"io/fs"
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
	if b, err = open(config); err != nil {
		return nil, "", fmt.Errorf("backend %s: %w; unset %s to let Unipair choose, or set it to go", config, err, Variable)
	}
	return b, line, nil
}

// open returns as an error also what GoMLX panics on: a name that is no backend's.
func open(config string) (b compute.Backend, err error) {
	defer func() {
		if said := recover(); said != nil {
			err = fmt.Errorf("%v", said)
		}
	}()
	return compute.NewWithConfig(config)
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

// PluginPath returns where the workspace of the repository round the working directory, or round the program itself, has the
// XLA plugin, if it has it.
func PluginPath() (path string, ok bool) {
	if runtime.GOOS != "linux" {
		return "", false
	}
	if dir, err := os.Getwd(); err == nil {
		if path, ok = pluginRound(dir); ok {
			return path, true
		}
	}
	program, err := os.Executable()
	if err != nil {
		return "", false
	}
	return pluginRound(filepath.Dir(program))
}

// pluginRound looks in the workspaces of dir and of the folders that it is in.
func pluginRound(dir string) (path string, ok bool) {
	const pattern = ".workspace/venv/lib/python3*/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
	for {
		// The pattern is relative because a name above may hold its signs, as in [old].
		if found, _ := fs.Glob(os.DirFS(dir), pattern); len(found) > 0 {
			return filepath.Join(dir, found[0]), true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
