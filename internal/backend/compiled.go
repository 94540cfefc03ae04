package backend

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/backend/internal/compiled"
)

// CompiledVariable is the environment variable that names the folder of what XLA compiled, in place of unipair/compiled in the user's cache
// directory; at "off" nothing is kept.
const CompiledVariable = "UNIPAIR_COMPILED"

// keepCompiled lets the CPU's plugin of a configuration keep what it compiles, so that the next process finds it. Where there is no folder
// for it that is the user's alone, each process compiles.
func keepCompiled(config string) {
	plugin := pluginOf(config)
	if !filepath.IsAbs(plugin) || !strings.Contains(strings.ToLower(filepath.Base(plugin)), "cpu") {
		return
	}
	dir := os.Getenv(CompiledVariable)
	if dir == "off" {
		return
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return
		}
		dir = filepath.Join(user, "unipair", "compiled")
	}
	_ = compiled.Register(plugin, dir) // else go-xla opens it
}
