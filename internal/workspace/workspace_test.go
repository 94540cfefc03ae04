package workspace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// A kernel sees exactly the versions of the repository and the tools of the workspace, and is registered inside it alone.
func TestKernelspec(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	if err := w.WriteKernelspec(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(w.Root, ".workspace/jupyter/kernels/gonb/kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		Argv []string          `json:"argv"`
		Env  map[string]string `json:"env"`
	}
	if err := json.Unmarshal(content, &spec); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(w.Root, ".workspace/bin")
	if want := filepath.Join(bin, "gonb"); spec.Argv[0] != want || !slices.Contains(spec.Argv, "{connection_file}") {
		t.Errorf("argv = %q, want %s with {connection_file}", spec.Argv, want)
	}
	for name, want := range map[string]string{
		"PATH": bin + ":${PATH}", "GOPROXY": "off", "GOMLX_NO_AUTO_INSTALL": "1",
		"GOFLAGS": "'-ldflags=-s -w -linkmode=internal' -buildvcs=false",
	} {
		if got := spec.Env[name]; got != want {
			t.Errorf("env %s = %q, want %q", name, got, want)
		}
	}
	env := map[string]string{}
	for _, variable := range w.Env() {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value // of equal names the last counts
	}
	for _, name := range []string{"JUPYTER_PATH", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"} {
		if !strings.HasPrefix(env[name], w.Root) {
			t.Errorf("%s = %q lies outside the workspace", name, env[name])
		}
	}
}

// A step is done once; again when its input changes, when its product is gone, and when it was cut short.
func TestSteps(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	done := 0
	work := func() error {
		done++
		return os.WriteFile(filepath.Join(w.Root, ".workspace/product"), nil, 0o644)
	}
	do := func(input string, work func() error, want int) {
		t.Helper()
		_ = w.DoStep([]string{input}, "product", work)
		if done != want {
			t.Fatalf("done %d times, want %d", done, want)
		}
	}
	do("a", work, 1)
	do("a", work, 1)
	do("b", work, 2)
	if err := os.Remove(filepath.Join(w.Root, ".workspace/product")); err != nil {
		t.Fatal(err)
	}
	do("b", work, 3)
	do("c", func() error { return errors.New("cut short") }, 3)
	do("b", work, 4) // a failed step leaves no stamp of what was there before
}

// What the machine lacks is said in one line with what to do.
func TestMachineLacks(t *testing.T) {
	for name, c := range map[string]struct {
		python string // a script in the place of python3
		want   []string
	}{
		"absent":  {"", []string{"python 3.10 or newer", "install python3"}},
		"too old": {"#!/bin/sh\necho 3.8 >&2; exit 1\n", []string{"is 3.8", "install a newer"}},
		"no venv": {"#!/bin/sh\necho venv >&2; exit 1\n", []string{"no venv module", "python3-venv"}},
		"broken":  {"#!/bin/sh\nexit 127\n", []string{"does not run (exit status 127)", "install python3"}},
	} {
		t.Run("python "+name, func(t *testing.T) {
			t.Setenv("PATH", fakePath(t, "python3", c.python))
			_, _, err := workspace.Python(t.Context())
			wantLine(t, err, c.want...)
		})
	}
	t.Run("gcc", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := workspace.Compiler()
		wantLine(t, err, "gcc", "install it")
		wantLine(t, workspace.Workspace{Root: t.TempDir()}.Setup(t.Context(), new(bytes.Buffer)), "gcc", "install it")
	})
	t.Run("disk", func(t *testing.T) {
		wantLine(t, workspace.Enough(1<<30), "1.0 GB free", "needs 2 GB", "free some space")
	})
}

// Without a network the Python environment fails fast, with one line and no stamp.
func TestOffline(t *testing.T) {
	if _, _, err := workspace.Python(t.Context()); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple") // nobody listens there
	t.Setenv("PIP_EXTRA_INDEX_URL", "")
	t.Setenv("PIP_NO_CACHE_DIR", "1")
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	w := workspace.Workspace{Root: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(w.Root, ".workspace"), 0o755); err != nil {
		t.Fatal(err)
	}
	wantLine(t, w.MakePython(t.Context(), new(bytes.Buffer)), "pip install", "is the machine online?")
}

// fakePath is a PATH with one program, of that script; an empty script is no program.
func fakePath(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func wantLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is not one line", err)
	}
}

// Doctor opens the backend: a plugin or a name that does not work is found before a notebook meets it.
func TestCheckBackend(t *testing.T) {
	w := workspace.Workspace{Root: t.TempDir()}
	for config, want := range map[string]bool{"go": true, "abacus": false, "xla:" + filepath.Join(w.Root, "none.so"): false} {
		t.Setenv(backend.Variable, config)
		checks := w.Checks(t.Context())
		if last := checks[len(checks)-1]; last.Name != "backend" || last.OK != want {
			t.Errorf("%s: %+v, want OK = %v", config, last, want)
		}
	}
}

// What a repository runs is not replaced by the set-up of another whose workspace is a link to it; a link to elsewhere is the user's choice.
func TestLinkedWorkspace(t *testing.T) {
	owner, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "large-disk")
	if err := os.WriteFile(filepath.Join(owner, "go.mod"), []byte("module "+repository.Module+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]string{filepath.Join(owner, ".workspace"): "is a link into the repository " + owner, elsewhere: ""} {
		kept, w := filepath.Join(to, "product"), workspace.Workspace{Root: t.TempDir()}
		if err := errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(kept, []byte("theirs"), 0o644), os.Symlink(to, filepath.Join(w.Root, ".workspace"))); err != nil {
			t.Fatal(err)
		}
		err := w.DoStep(nil, "product", func() error { return os.WriteFile(kept, nil, 0o644) })
		if text, _ := os.ReadFile(kept); want != "" && string(text) != "theirs" || want == "" && err != nil {
			t.Errorf("%s: error %v, the product is %q", to, err, text)
		}
		if want != "" {
			wantLine(t, err, want, "remove the link")
		}
	}
}
