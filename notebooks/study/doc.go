// Package study trains and judges losses on Omniglot for notebooks: the same network, batches and steps for each, kept on disk
// so that every cell, which is a process of its own, finds what an earlier one has learnt.
//
// The data is Omniglot's background set small 1 with rotations as classes of their own for training, and the 20
// official one-shot runs, of other alphabets, for judging.
package study
