// Package explorer answers the explorer page: what a loss of the catalogue makes of the plane (s_n, s_p) under any setting.
// The numbers are pkg/losses' own; the package is compiled to WebAssembly (wasm/) and runs in the reader's browser on GoMLX's
// pure-Go backend. internal/report makes the page round it.
//
//	losses.go     which losses of the catalogue it can show, and why not the others
//	parameters.go how each of their parameters can be set: a slider's range, the words to choose from
//	measure.go    how a loss measures the angle between two vectors
//	answer.go     the plane, the points and the boundary under a setting
//	boundary.go   where the loss changes from pushing to resting
//
// Everything is derived from [losses.Catalogue], so that a new loss appears by itself.
package explorer
