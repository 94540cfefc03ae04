package backend

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/backend/internal/compiled"
	"github.com/unipair/unipair/internal/onednn"
	"github.com/unipair/unipair/internal/repository"
)

// CompiledVariable is the environment variable that names the folder of what XLA compiled, in place of unipair/compiled in the user's cache
// directory; at "off" nothing is kept.
const CompiledVariable = "UNIPAIR_COMPILED"

// extend lets the CPU's plugin of a configuration keep what it compiles, so that the next process finds it, and gives it oneDNN's convolutions.
// Where the user's cache directory has no room for a folder that is the user's alone, each process compiles; a folder that the user named is
// refused by an error.
func extend(config string) error {
	plugin := pluginOf(config)
	if !filepath.IsAbs(plugin) || !onProcessor(plugin) {
		return nil
	}
	dir, library := os.Getenv(CompiledVariable), libraryOf(plugin)
	if dir != "" && dir != "off" {
		if err := compiled.Register(plugin, dir, library); err != nil {
			return fmt.Errorf("$%s: %w; name a folder that only you can write to, or set it to off", CompiledVariable, err)
		}
		return nil
	}
	if user, err := os.UserCacheDir(); err == nil && dir == "" {
		if compiled.Register(plugin, filepath.Join(user, "unipair", "compiled"), library) == nil {
			return nil
		}
	}
	_ = compiled.Register(plugin, "", library) // else go-xla opens it
	return nil
}

// libraryOf returns the library of oneDNN that a workspace has with a plugin. It is empty where there is none, where others could have put
// it there, and where the user wants XLA's convolutions.
func libraryOf(plugin string) string {
	packages, is := workspaceOf(plugin)
	if is.onednn == "" || os.Getenv(onednn.Variable) == "xla" {
		return ""
	}
	library := filepath.Join(packages, is.onednn)
	root, _ := repository.Round(packages)
	if repository.TrustFile(root, library) != nil {
		return ""
	}
	if _, err := os.Stat(library); err != nil {
		return ""
	}
	return library
}
