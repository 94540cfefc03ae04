package workspace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
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
	path := w.kernelspecPath()
	if old, err := file.Read(path, mostBytes); err == nil && bytes.Equal(old, spec) {
		return nil
	}
	if err := file.WriteBytes(path, spec); err != nil {
		return fmt.Errorf("workspace: kernelspec: %w", err)
	}
	return nil
}

func (w Workspace) kernelspecPath() string {
	return w.path("jupyter", "kernels", "gonb", "kernel.json")
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

// CompletionPath returns the PATH of [Workspace.Env] with gopls in it.
func (w Workspace) CompletionPath() string {
	return searchPath(w.path("venv", "bin"), w.path("bin"), w.path(completionFolder), os.Getenv("PATH"))
}

func searchPath(folders ...string) string {
	return strings.Join(folders, string(os.PathListSeparator))
}

// Program returns the path of a program of the Python environment.
func (w Workspace) Program(name string) string { return w.path("venv", "bin", name) }

// Log makes the file that a program's messages go to, in place of the last run's.
func (w Workspace) Log(name string) (*os.File, error) {
	log, err := file.Update(w.path("log", name+".log"))
	if err == nil {
		err = log.Truncate(0)
	}
	if err != nil {
		return nil, fmt.Errorf("workspace: %w", err)
	}
	return log, nil
}
