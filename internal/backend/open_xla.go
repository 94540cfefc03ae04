//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

import (
	"runtime"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// open opens the backend of a configuration, with as many devices of the processor as are asked for, or as it has cores. XLA's plugin makes four
// by itself, and at least as many threads: on two cores these take turns, and a call of a hundred rows takes a fifth longer.
func open(config string, devices int) (compute.Backend, error) {
	_, options, _ := strings.Cut(config, ":")
	if !onProcessor(pluginOf(config)) {
		return compute.NewWithConfig(config)
	}
	devices = min(max(devices, 1), max(4, runtime.NumCPU()))
	return xla.NewWithOptions(options, pjrt.NamedValuesMap{"cpu_device_count": int64(devices)})
}
