// Package onnxruntime runs ONNX files in ONNX Runtime, and gives GoMLX's backend over it, by which a graph is written as an ONNX file.
// Its library is loaded when it is first asked for: from where the user says, else from the workspace.
package onnxruntime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/gomlx/compute"
	onnxbackend "github.com/gomlx/compute-onnx"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
)

// Variable is the environment variable of GoMLX that names ONNX Runtime's library and always wins.
const Variable = "ONNXRUNTIME_SHARED_LIBRARY_PATH"

// telemetry is the environment variable of ONNX Runtime that switches its telemetry off. What the user says of it stays.
const telemetry = "ORT_DISABLE_TELEMETRY"

// ErrNone is wrapped by the errors where ONNX Runtime's library is not there.
var ErrNone = errors.New("ONNX Runtime is not there: `unipair doctor --fix` in a clone installs it and says where, for $" + Variable)

// Library returns the path of ONNX Runtime's library: what [Variable] says, else that of a workspace, as [repository.Installed]
// looks for it. The error wraps [ErrNone] where there is none; it is another one where others could have put it there.
func Library() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		opened, err := file.Open(path)
		if err != nil {
			return "", fmt.Errorf("$%s: %w", Variable, err)
		}
		return path, opened.Close()
	}
	path, err := repository.Installed("ONNX Runtime", "onnxruntime/capi/libonnxruntime.so.*")
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNone
	}
	return path, err
}

var (
	opening sync.Mutex
	opened  *onnxbackend.Backend // the one there is, once the library is loaded: a process has one
)

// Backend returns GoMLX's backend over ONNX Runtime, on the processors. The error wraps [ErrNone] where the library is not there.
func Backend() (compute.Backend, error) {
	b, err := backend()
	if err != nil {
		return nil, err
	}
	return b, nil
}

func backend() (*onnxbackend.Backend, error) {
	opening.Lock()
	defer opening.Unlock()
	if opened != nil {
		return opened, nil
	}
	path, err := Library()
	if err != nil {
		return nil, err
	}
	// Official builds tell Microsoft of each session, under an identifier in the user's cache directory, unless this is set before.
	if _, said := os.LookupEnv(telemetry); !said {
		if err := os.Setenv(telemetry, "1"); err != nil {
			return nil, fmt.Errorf("onnxruntime: %w", err)
		}
	}
	// By the variable, since in the backend's configuration a path may have no comma, colon or equals sign.
	if err := os.Setenv(Variable, path); err != nil {
		return nil, fmt.Errorf("onnxruntime: %w", err)
	}
	b, err := onnxbackend.New("cpu")
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime (%s) cannot be loaded: %w", path, err)
	}
	opened = b.(*onnxbackend.Backend)
	return opened, nil
}
