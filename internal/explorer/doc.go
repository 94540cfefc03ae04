// Package explorer answers the explorer page. [Ask] says what a loss of the catalogue makes of the plane (s_n, s_p) under any setting.
// [Flow] says where pairs of scores go when it is let move them, and [Ring] how it trains a batch on a circle. The numbers are pkg/losses'
// own; the package is compiled to WebAssembly (wasm/) and runs in the reader's browser on GoMLX's pure-Go backend. internal/report makes
// the page round it.
//
// Everything is derived from [losses.Catalogue], so that a new loss appears by itself.
package explorer
