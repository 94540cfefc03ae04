// Command losses compares every loss that pytorch-metric-learning has too with that library: how long value and gradient take,
// and how many degenerate batches end in NaN, an infinity or an exception. Run it from the root of the repository:
//
//	go run ./bench/losses [-page bench/RESULTS.md]
//	go run ./bench/losses -degenerate [-page bench/RESULTS.md]
//
// It needs python3, and the first time the network: it installs the peers of bench/requirements.txt into bench/.venv.
package main
