// Package losstime measures what value and gradient of a loss on one batch cost, beside JAX, PyTorch and pytorch-metric-learning. It
// measures time against the size of the batch ([Pairs]) or the number of classes ([Classes]), and memory ([Large]).
//
// Every framework, Unipair too, is a process of its own that speaks one protocol: serve.go answers for Unipair, jax_peer.py
// and torch_peer.py for the others, over peer.py. All get the same batch, in float32, and keep it where they compute. What is
// timed is a call of a user's: value and gradient, compiled before, until both can be read.
//
// Values and gradients of all contenders are compared with ours before any time is taken.
package losstime
