// Command scale measures what a loss costs over several devices.
//
//	go run ./experiments/scale [-batch 1024] [-dim 512] [-classes 16384] [-write docs/scale.md]
//
// It compiles the loss and its gradient for 1, 2 and 4 devices of this machine's XLA. In what XLA made of it, it reads how much each
// device multiplies and how many bytes it exchanges. It times the loss on one device, and it checks that what was read is what the
// formulas of its model say. Two minutes.
package main
