// Package backend opens the GoMLX backend that programs compute with: XLA where its plugin is, else pure Go.
package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"      // the pure-Go backend
	_ "github.com/gomlx/gomlx/backends/default" // XLA
	"k8s.io/klog/v2"

	"github.com/unipair/unipair/internal/repository"
)

// Variable is the environment variable of GoMLX that names a backend and always wins.
const Variable = "GOMLX_BACKEND"

// Open opens the backend that $GOMLX_BACKEND names, else XLA where the workspace has its plugin, else the pure-Go backend.
// The line says which, and why. The processor is one device.
func Open() (b compute.Backend, line string, err error) { return OpenDevices(1) }

// OpenDevices opens what [Open] does, with so many devices if XLA computes on the processor, but no more than it has cores, or than four.
func OpenDevices(devices int) (b compute.Backend, line string, err error) {
	config, line := Choose()
	if b, err = New(config, devices); err != nil {
		return nil, "", fmt.Errorf("backend %s: %w; unset %s to let Unipair choose, or set it to go", config, err, Variable)
	}
	return b, line, nil
}

// opening is held while a backend is opened: the variables of the environment are the whole program's.
var opening sync.Mutex

// New opens the backend of a configuration of GoMLX, the pure-Go one so that it cannot wait for itself. It returns as an error also what
// GoMLX panics on: a name that is no backend's. What its libraries log is in the error too. devices are those of [OpenDevices].
func New(config string, devices int) (b compute.Backend, err error) {
	opening.Lock()
	defer opening.Unlock()
	klog.SetLogger(klog.New(nil))
	defer setFlags(config)()
	if err := extend(config); err != nil {
		return nil, err
	}
	defer func() {
		if said := recover(); said != nil {
			err = fmt.Errorf("%v", said)
		}
	}()
	return open(inTurn(config), devices)
}

// Choose returns the configuration that Open opens, and the line about it.
func Choose() (config, line string) {
	if config = os.Getenv(Variable); config != "" {
		return config, fmt.Sprintf("backend: %s ($%s)", config, Variable)
	}
	plugin, err := PluginPath()
	switch {
	case err == nil:
		return "xla:" + plugin, "backend: XLA (the workspace's plugin)"
	case errors.Is(err, fs.ErrNotExist):
		return "go", "backend: pure Go (slow; `unipair doctor --fix` in a clone brings XLA)"
	}
	return "go", fmt.Sprintf("backend: pure Go (slow; %v)", err)
}

// PluginPath returns where a workspace has the XLA plugin, as [repository.Installed] looks for it.
// The error wraps [fs.ErrNotExist] where there is none; it is another one where others could have put it there.
func PluginPath() (path string, err error) {
	for _, plugin := range plugins {
		if path, err = repository.Installed("the XLA plugin", plugin.file); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return path, err
}
