package backend_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/backendtest"
)

// XLA gets the flags for its plugin, programs that are started later do not, and who sets flags, or none, has those alone. The flags tell
// XLA to write what it compiles into a folder.
func TestFlags(t *testing.T) {
	const asProgram = "UNIPAIR_TEST_FLAGS"
	if dir := os.Getenv(asProgram); dir != "" {
		before, set := os.LookupEnv(backend.FlagsVariable)
		backend.AddFlags(dumpTo(dir))
		if err := products(backendtest.XLA(t)); err != nil {
			t.Fatal(err)
		}
		if after, still := os.LookupEnv(backend.FlagsVariable); after != before || still != set {
			t.Errorf("afterwards the flags are %q, %v; they were %q, %v", after, still, before, set)
		}
		config, _ := backend.Choose()
		if about := backend.About(config); strings.Contains(about, dir) == set || !strings.HasPrefix(about, "PJRT 0.") {
			t.Errorf("it is said to be %q", about)
		}
		return
	}
	backendtest.XLA(t)
	for name, users := range map[string]func(dir string) []string{
		"the plugin's": func(string) []string { return nil },
		"no flags":     func(string) []string { return []string{backend.FlagsVariable + "="} },
		"the user's":   func(dir string) []string { return []string{backend.FlagsVariable + "=" + dumpTo(dir)} },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := filepath.Join(t.TempDir(), "ours"), filepath.Join(t.TempDir(), "theirs")
			command := exec.Command(os.Args[0], "-test.run=^TestFlags$")
			for _, variable := range os.Environ() {
				if !strings.HasPrefix(variable, backend.FlagsVariable+"=") {
					command.Env = append(command.Env, variable)
				}
			}
			command.Env = append(command.Env, users(theirs)...)
			command.Env = append(command.Env, asProgram+"="+ours, backend.CompiledVariable+"=off", backend.Variable+"=")
			if said, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			for dir, want := range map[string]bool{ours: name == "the plugin's", theirs: name == "the user's"} {
				written, err := filepath.Glob(filepath.Join(dir, "*after_optimizations.txt"))
				if err != nil || len(written) > 0 != want {
					t.Errorf("%s: %d files, %v; want some: %v", dir, len(written), err, want)
				}
			}
		})
	}
}

// dumpTo is the flags that make XLA write what it compiles.
func dumpTo(dir string) string { return "--xla_dump_to=" + dir + " --xla_dump_hlo_as_text" }
