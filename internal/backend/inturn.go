package backend

import "strings"

// inTurn returns the configuration with an option of the pure-Go backend, unless the user chose one: it computes the operations of a graph
// one after the other. At once, each holds one of 2·GOMAXPROCS workers, and a large product waits, holding its own, for a free one: with
// few processors they wait for each other for ever.
func inTurn(config string) string {
	name, options, _ := strings.Cut(config, ":")
	if name != "go" || strings.Contains(options, "ops_") {
		return config
	}
	return "go:" + strings.Trim(options+",ops_sequential", ",")
}
