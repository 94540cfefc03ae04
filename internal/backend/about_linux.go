//go:build linux && cgo

package backend

import (
	"fmt"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/unipair/unipair/internal/backend/internal/compiled"
)

// About describes an XLA that is open: the version of PJRT's interface, who computes convolutions, its flags, and where it keeps what it
// compiled. Of another backend it says nothing.
func About(config string) string {
	name := pluginOf(config)
	if name == "" {
		return ""
	}
	plugin, err := pjrt.GetPlugin(name)
	if err != nil {
		return ""
	}
	kept := "nowhere"
	if dir := compiled.Folder(); dir != "" {
		kept = "in " + dir
	}
	major, minor := plugin.Version()
	return fmt.Sprintf("PJRT %d.%d, %s, %s=%q; what it compiles is kept %s",
		major, minor, compiled.Convolutions(name), FlagsVariable, Flags(config), kept)
}
