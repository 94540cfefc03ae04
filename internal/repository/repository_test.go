package repository_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/repository"
)

// The root is the nearest folder above whose go.mod is ours; one that others could have made is refused by name.
func TestRoot(t *testing.T) {
	for name, c := range map[string]struct {
		goMod string
		mode  os.FileMode
		want  string // of the error; empty: it is the root
	}{
		"ours":           {"// ours\nmodule " + repository.Module + "\n\ngo 1.26\n", 0o755, ""},
		"another module": {"module " + repository.Module + "2\n", 0o755, "not inside the repository"},
		"for all":        {"module " + repository.Module + "\n", 0o777, "others can write to"},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "root")
			inside := filepath.Join(root, "a", "b")
			if err := os.MkdirAll(inside, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(c.goMod), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(root, c.mode); err != nil {
				t.Fatal(err)
			}
			t.Chdir(inside)
			got, err := repository.Root()
			if c.want == "" && (err != nil || got != root) {
				t.Errorf("%q, %v, want %q", got, err, root)
			}
			if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("error %v, want one line with %q", err, c.want)
			}
		})
	}
}
