package backend_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/backendtest"
)

// A folder for what XLA compiles that the user named is taken and told, or refused by name where others can write to it.
func TestCompiledFolder(t *testing.T) {
	const asProgram = "UNIPAIR_TEST_FOLDER"
	if os.Getenv(asProgram) != "" {
		_, _, err := backend.Open()
		config, _ := backend.Choose()
		fmt.Printf("said %v, %s\n", err, backend.About(config))
		return
	}
	backendtest.XLA(t) // or there is nothing to open
	for _, c := range []struct {
		name string
		mode os.FileMode
		want string
	}{
		{"the user's", 0o700, "said <nil>, PJRT"},
		{"of all", 0o777, "$" + backend.CompiledVariable},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "compiled")
			if err := os.Mkdir(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, c.mode); err != nil {
				t.Fatal(err)
			}
			command := exec.Command(os.Args[0], "-test.run=^TestCompiledFolder$")
			command.Env = append(os.Environ(), asProgram+"=1", backend.CompiledVariable+"="+dir, backend.Variable+"=")
			said, err := command.CombinedOutput()
			if err != nil || !strings.Contains(string(said), c.want) || !strings.Contains(string(said), dir) {
				t.Errorf("%v: %s, want %q and %s", err, said, c.want, dir)
			}
		})
	}
}
