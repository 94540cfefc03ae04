// Package nbdeps imports what notebooks import and no other package does. A notebook's program takes its versions from the
// repository's go.mod with no network, so every module that it may import must stay a requirement there. These imports keep `go mod tidy`
// from dropping it. Building this package also fills the build cache with what every cell is linked from.
package nbdeps

import (
	_ "github.com/gomlx/compute"                   // compute.New
	_ "github.com/gomlx/gomlx/backends/default"    // XLA and the pure-Go backend
	_ "github.com/gomlx/gomlx/core/graph"          // computations
	_ "github.com/gomlx/gomlx/core/tensors"        // their values
	_ "github.com/gomlx/gomlx/ml/model"            // models and their variables
	_ "github.com/gomlx/gomlx/ml/train"            // GoMLX's own trainer
	_ "github.com/janpfeifer/gonb/gonbui"          // rich output
	_ "github.com/janpfeifer/gonb/gonbui/protocol" // several forms of one output
	_ "gonum.org/v1/plot"                          // figures
)
