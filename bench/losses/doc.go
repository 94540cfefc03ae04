// Command losses compares every loss that pytorch-metric-learning has too with that library: how long value and gradient take,
// and how many degenerate batches end in NaN, an infinity or an exception. Run it from the root of the repository:
//
//	go run ./bench/losses [-page bench/RESULTS.md]
//	go run ./bench/losses -degenerate [-page bench/RESULTS.md]
//
// A loss of the catalogue is compared if pairs.go and peer.py have it. Value and gradients must agree before they are timed, or
// pairs.go must say why they do not; that a reason still holds is checked too. -only measures one loss and writes no page.
//
// Measure speed on a machine that does nothing else, for some ten minutes: on a busy one PyTorch, whose threads wait in loops, loses
// far more than ours, and the ratios flatter.
//
// It needs python3, and the first time the network: it installs the peers of bench/requirements.txt into bench/.venv.
package main
