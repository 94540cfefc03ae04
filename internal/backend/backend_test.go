package backend_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
)

// What the user sets wins, else the plugin of the workspace round the working directory, whatever its folders are called.
func TestChoose(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a [b] ü")
	plugins := filepath.Join(root, ".workspace/venv/lib/python3.99/site-packages/xla_plugins/xla_cpu_pjrt")
	inside := filepath.Join(root, "pkg", "deep")
	for _, dir := range []string{plugins, inside} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(backend.Variable, "")
	t.Chdir(inside)
	if config, line := backend.Choose(); config != "go" || !strings.Contains(line, "doctor --fix") {
		t.Errorf("without a plugin: %q, %q", config, line)
	}
	plugin := filepath.Join(plugins, "xla_cpu_pjrt.so")
	if err := os.WriteFile(plugin, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	want := "xla:" + plugin
	if runtime.GOOS != "linux" {
		want = "go"
	}
	if config, _ := backend.Choose(); config != want {
		t.Errorf("with a plugin: %q, want %q", config, want)
	}
	t.Setenv(backend.Variable, "xla:cuda")
	if config, line := backend.Choose(); config != "xla:cuda" || !strings.Contains(line, "$"+backend.Variable) {
		t.Errorf("set by the user: %q, %q", config, line)
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
