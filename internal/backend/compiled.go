package backend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/unipair/unipair/internal/backend/internal/compiled"
)

// CompiledVariable is the environment variable that names the folder of what XLA compiled, in place of unipair/compiled in the user's cache
// directory; at "off" nothing is kept.
const CompiledVariable = "UNIPAIR_COMPILED"

// keepCompiled lets the CPU's plugin of a configuration keep what it compiles, so that the next process finds it. Where the user's cache
// directory has no room for a folder that is the user's alone, each process compiles; a folder that the user named is refused by an error.
func keepCompiled(config string) error {
	plugin := pluginOf(config)
	if !filepath.IsAbs(plugin) || !strings.Contains(strings.ToLower(filepath.Base(plugin)), "cpu") {
		return nil
	}
	switch dir := os.Getenv(CompiledVariable); dir {
	case "off":
		return nil
	case "":
		if user, err := os.UserCacheDir(); err == nil {
			_ = compiled.Register(plugin, filepath.Join(user, "unipair", "compiled")) // else go-xla opens it
		}
		return nil
	default:
		if err := compiled.Register(plugin, dir); err != nil {
			return fmt.Errorf("$%s: %w; name a folder that only you can write to, or set it to off", CompiledVariable, err)
		}
		return nil
	}
}
