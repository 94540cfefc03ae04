package workspace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/backend"
)

// goFlags are the flags that cells are built with: linked by Go itself and without symbols, a cell starts in a third of the time.
const goFlags = "'-ldflags=-s -w -linkmode=internal' -buildvcs=false"

// kernelspec is Jupyter's description of a kernel.
type kernelspec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env"`
}

// writeKernelspec writes the kernel `gonb` (the name that notebooks ask for everywhere) where only our Jupyter looks.
// GOMLX_BACKEND is not in it, because a kernelspec's variables win over the user's: [Workspace.Env] has it.
func (w Workspace) writeKernelspec() error {
	spec, err := json.MarshalIndent(kernelspec{
		Argv:        []string{w.path("bin", "gonb"), "--kernel", "{connection_file}", "-logtostderr=true", "-raw_error=true"},
		DisplayName: "Go (gonb)", Language: "go", InterruptMode: "message",
		Env: map[string]string{
			"PATH":                  searchPath(w.path("bin"), "${PATH}"), // Jupyter puts in the PATH that it has
			"GOFLAGS":               goFlags,
			"GOPROXY":               "off", // a cell takes exactly the versions of the repository's go.mod
			"GOWORK":                "off",
			"GOMLX_NO_AUTO_INSTALL": "1",
		},
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("workspace: kernelspec: %w", err)
	}
	path := w.path("jupyter", "kernels", "gonb", "kernel.json")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, spec) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("workspace: kernelspec: %w", err)
	}
	if err := os.WriteFile(path, spec, 0o644); err != nil {
		return fmt.Errorf("workspace: kernelspec: %w", err)
	}
	return nil
}

// Env returns the environment that Jupyter and its kernels run in: the process's own, with every folder of Jupyter's inside the
// workspace, and the backend that [backend.Choose] would take there.
func (w Workspace) Env() []string {
	config, _ := backend.Choose()
	return append(os.Environ(),
		"PATH="+searchPath(w.path("venv", "bin"), w.path("bin"), os.Getenv("PATH")),
		"JUPYTER_PATH="+w.path("jupyter"),
		"JUPYTER_DATA_DIR="+w.path("jupyter", "data"),
		"JUPYTER_RUNTIME_DIR="+w.path("jupyter", "runtime"),
		"JUPYTER_CONFIG_DIR="+w.path("jupyter", "config"),
		"JUPYTER_PREFER_ENV_PATH=1", "JUPYTER_PLATFORM_DIRS=1",
		"IPYTHONDIR="+w.path("jupyter", "ipython"),
		"PYTHONPATH=", "PYTHONNOUSERSITE=1", "PYTHONUTF8=1",
		"GOMLX_BACKEND="+config, "GOMLX_NO_AUTO_INSTALL=1",
	)
}

// CompletionPath is the PATH of [Workspace.Env] with gopls in it.
func (w Workspace) CompletionPath() string {
	return searchPath(w.path("venv", "bin"), w.path("bin"), w.path(completionFolder), os.Getenv("PATH"))
}

func searchPath(folders ...string) string {
	return strings.Join(folders, string(os.PathListSeparator))
}

// Program is the path of a program of the Python environment.
func (w Workspace) Program(name string) string { return w.path("venv", "bin", name) }

// Log makes the file that a program's messages go to, in place of the last run's.
func (w Workspace) Log(name string) (*os.File, error) {
	file, err := os.Create(w.path("log", name+".log"))
	if err != nil {
		return nil, fmt.Errorf("workspace: %w", err)
	}
	return file, nil
}

// TempDir makes a folder for one run, and remove ends it with every program that was started from it or on it. It is not in
// the workspace because the path of a socket, which gopls makes in it, must be short.
func TempDir() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "unipair-"); err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	return dir, func() {
		sweep(dir)
		os.RemoveAll(dir)
	}, nil
}
