// Command training measures training speed beside the same network, loss and optimiser in jitted JAX and in PyTorch.
//
//	go run ./bench/training [-rounds 12] [-steps 25] [-page bench/RESULTS.md]
//
// All stay alive in processes or goroutines of their own and take turns, some steps each, so that whatever else the machine
// does hits all alike; ratios are taken within a round. Ours is [train.Run] on glyphs: batches drawn, augmented
// and moved to the device while the computation runs, statistics of s_p and s_n taken in every step. The peers' batches are made
// beforehand. peer.py says what they compute.
//
// Run it on a machine that does nothing else: on a busy one the wall clock punishes PyTorch, whose threads wait in loops, far
// more than the others. Time of the processors is the steadier column.
//
// The peers are installed, pinned by requirements.txt, into bench/.venv on the first run.
package main
