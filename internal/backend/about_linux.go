//go:build linux && cgo

package backend

import (
	"fmt"

	"github.com/gomlx/go-xla/pjrt"
)

// About says of an XLA that is open which version of PJRT's interface its plugin has, and which flags it got. Of another backend it says
// nothing.
func About(config string) string {
	name := pluginOf(config)
	if name == "" {
		return ""
	}
	plugin, err := pjrt.GetPlugin(name)
	if err != nil {
		return ""
	}
	major, minor := plugin.Version()
	return fmt.Sprintf("PJRT %d.%d, %s=%q", major, minor, FlagsVariable, flagsOf(config))
}
