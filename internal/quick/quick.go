// Package quick says whether trainings are to be cut short: a run of the same code, to see that it works, which learns little.
package quick

import "os"

// Variable is the environment variable that asks for it, with the value 1. `unipair report --quick` sets it for the notebooks.
const Variable = "UNIPAIR_QUICK"

// Asked reports whether trainings are to be cut short.
func Asked() bool { return os.Getenv(Variable) == "1" }
