package backend_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/repository"
)

// What the user sets wins, else the plugin of the workspace of the repository round the working directory, whatever its folders are called.
func TestChoose(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a [b] ü")
	inside := filepath.Join(root, "pkg", "deep")
	plant(t, root)
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv(backend.Variable, "")
	t.Chdir(inside)
	if config, line := backend.Choose(); config != "go" || !strings.Contains(line, "doctor --fix` in a clone") {
		t.Errorf("without a plugin: %q, %q", config, line)
	}
	for _, path := range []string{earlier, plugin} { // the second beside the first
		write(t, filepath.Join(root, path), 0o644)
		if config, line := backend.Choose(); config != wantPlugin(root, path) {
			t.Errorf("with %s: %q, %q, want %q", path, config, line, wantPlugin(root, path))
		}
	}
	t.Setenv(backend.Variable, "xla:cuda")
	if config, line := backend.Choose(); config != "xla:cuda" || !strings.Contains(line, "$"+backend.Variable) {
		t.Errorf("set by the user: %q, %q", config, line)
	}
}

// A plugin that others could have planted above the working directory is not loaded, and the line about the backend says whose it is.
func TestSearchPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no plugin")
	}
	const nobody = 65534
	chmod := func(path string, mode os.FileMode) func(root string) error {
		return func(root string) error { return os.Chmod(filepath.Join(root, path), mode) }
	}
	chown := func(path string) func(root string) error {
		return func(root string) error { return os.Lchown(filepath.Join(root, path), nobody, nobody) }
	}
	// link moves a part of the tree into a folder beside it and leaves a link.
	link := func(path string, mode os.FileMode) func(root string) error {
		return func(root string) error {
			from, elsewhere := filepath.Join(root, path), root+"-elsewhere"
			to := filepath.Join(elsewhere, filepath.Base(path))
			return errors.Join(os.Mkdir(elsewhere, 0o755), os.Rename(from, to), os.Symlink(to, from), os.Chmod(elsewhere, mode))
		}
	}
	for name, c := range map[string]struct {
		spoil func(root string) error
		want  string // what the line has; empty: the plugin is loaded
	}{
		"ours":                     {func(string) error { return nil }, ""},
		"ours, linked elsewhere":   {link(".workspace", 0o755), ""},
		"ours, linked in a sticky": {link(".workspace", 0o777|os.ModeSticky), ""},
		"no go.mod":                {func(root string) error { return os.Remove(filepath.Join(root, "go.mod")) }, "doctor --fix"},
		"another module's go.mod": {func(root string) error {
			return os.WriteFile(filepath.Join(root, "go.mod"), []byte("module other\n"), 0o644)
		}, "doctor --fix"},
		"parent for all":             {chmod("..", 0o777), "others can write"},
		"root for all":               {chmod(".", 0o777), "others can write"},
		"root for all, sticky":       {chmod(".", 0o777|os.ModeSticky), "others can write"},
		"go.mod for all":             {chmod("go.mod", 0o666), "others can write"},
		"workspace for all":          {chmod(".workspace", 0o777), "others can write"},
		"folder of libraries":        {chmod(".workspace/venv/lib", 0o777), "others can write"},
		"plugin for all":             {chmod(plugin, 0o666), "others can write"},
		"workspace linked to all's":  {link(".workspace", 0o777), "others can write"},
		"environment linked":         {link(".workspace/venv", 0o777), "others can write"},
		"plugin linked to all's":     {link(plugin, 0o777), "others can write"},
		"parent of another":          {chown(".."), "another user (uid 65534)"},
		"root of another":            {chown("."), "another user (uid 65534)"},
		"go.mod of another":          {chown("go.mod"), "another user (uid 65534)"},
		"workspace of another":       {chown(".workspace"), "another user (uid 65534)"},
		"plugin of another":          {chown(plugin), "another user (uid 65534)"},
		"another's link to our file": {func(root string) error { return errors.Join(link(plugin, 0o755)(root), chown(plugin)(root)) }, "another user (uid 65534)"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(c.want, "another user") && os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			root := filepath.Join(t.TempDir(), "above", "root")
			plant(t, root)
			write(t, filepath.Join(root, plugin), 0o644)
			if err := c.spoil(root); err != nil {
				t.Fatal(err)
			}
			t.Setenv(backend.Variable, "")
			inside := filepath.Join(root, "photos")
			if err := os.Mkdir(inside, 0o755); err != nil {
				t.Fatal(err)
			}
			t.Chdir(inside)
			config, line := backend.Choose()
			if c.want == "" && config != wantXLA(root) {
				t.Errorf("%q, %q: want %q", config, line, wantXLA(root))
			}
			if c.want != "" && (config != "go" || !strings.Contains(line, c.want) || strings.Contains(line, "\n")) {
				t.Errorf("%q, %q: want go, and a line with %q", config, line, c.want)
			}
			if strings.HasPrefix(c.want, "others can") {
				t.Setenv(repository.Variable, root)
				if config, line := backend.Choose(); config != wantXLA(root) {
					t.Errorf("%q, %q, though the user vouches for it", config, line)
				}
			}
		})
	}
}

// A program finds the plugin of the clone that it was built from, wherever it is called, unless others could have put it there.
func TestBuiltFrom(t *testing.T) {
	root := filepath.Join(t.TempDir(), "clone")
	plant(t, root)
	write(t, filepath.Join(root, plugin), 0o644)
	t.Setenv(backend.Variable, "")
	t.Chdir(t.TempDir())
	repository.LookRound("github.com/unipair/unipair/cmd/unipair")
	if config, line := backend.Choose(); config != "go" {
		t.Errorf("before: %q, %q", config, line)
	}
	repository.LookRound(filepath.Join(root, "cmd", "unipair"))
	t.Cleanup(func() { repository.LookRound("/") })
	if config, line := backend.Choose(); config != wantXLA(root) {
		t.Errorf("%q, %q: want %q", config, line, wantXLA(root))
	}
	if err := os.Chmod(root, 0o777); err != nil {
		t.Fatal(err)
	}
	if config, line := backend.Choose(); config != "go" || !strings.Contains(line, "others can write") {
		t.Errorf("a clone for all: %q, %q", config, line)
	}
}

// plugin is where a repository has XLA's; earlier, where it is on arm64, and where an earlier release had it.
const (
	packages = ".workspace/venv/lib/python3.99/site-packages/"
	plugin   = packages + "fastatomstruct_xla_cpu/libpjrt_cpu.so"
	earlier  = packages + "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
)

// wantXLA is the configuration of the plugin of a root.
func wantXLA(root string) string { return wantPlugin(root, plugin) }

func wantPlugin(root, path string) string {
	if runtime.GOOS != "linux" {
		return "go"
	}
	return "xla:" + filepath.Join(root, path)
}

// plant makes a repository without a plugin.
func plant(t *testing.T, root string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(root, plugin)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module "+repository.Module+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// write makes an empty file, and the folder that it lies in.
func write(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, mode); err != nil {
		t.Fatal(err)
	}
}

// A backend that does not open is an error that says how to go on.
func TestOpen(t *testing.T) {
	t.Setenv(backend.Variable, "go")
	if b, line, err := backend.Open(); err != nil || b == nil || line != "backend: go ($GOMLX_BACKEND)" {
		t.Errorf("go: %v, %q, %v", b, line, err)
	}
	t.Setenv(backend.Variable, "abacus")
	if _, _, err := backend.Open(); err == nil || !strings.Contains(err.Error(), "unset "+backend.Variable) {
		t.Errorf("abacus: %v", err)
	}
}
