package backend

import (
	"strings"

	"github.com/gomlx/compute"
)

// OpenInTurn is [Open] for graphs in which several large products may be due at once. The pure-Go backend computes the operations of a
// graph at once where it can, each holding one of 2·GOMAXPROCS workers, and a large product waits, holding its own, for a free one: with
// few processors they wait for each other for ever. In turn, each product has all processors. What trains keeps Open: its convolutions
// take one processor each, and gain by being computed at once.
func OpenInTurn() (b compute.Backend, line string, err error) {
	config, line := Choose()
	return opened(inTurn(config), line)
}

// inTurn is the configuration with the option of the pure-Go backend, unless the user chose one.
func inTurn(config string) string {
	name, options, _ := strings.Cut(config, ":")
	if name != "go" || strings.Contains(options, "ops_") {
		return config
	}
	return "go:" + strings.Trim(options+",ops_sequential", ",")
}
