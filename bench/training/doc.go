// Package training measures training speed beside the same network, loss and optimiser in jitted JAX and in PyTorch: a small network on
// images of 28 pixels, and ResNet-18 on 64. That the variables have the same shapes is checked.
//
// Ours is [train.Run] on glyphs: batches drawn, augmented and moved to the device while the computation runs, statistics of s_p
// and s_n taken in every step. The peers' batches are made beforehand. peer.py says what they compute.
//
// On a busy machine the wall clock punishes PyTorch, whose threads wait in loops, far more than the others; time of the
// processors is the steadier column.
package training
