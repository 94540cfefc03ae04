//go:build !(((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla)

package backend

import "github.com/gomlx/compute"

// open opens the backend of a configuration.
func open(config string, _ int) (compute.Backend, error) { return compute.NewWithConfig(config) }
