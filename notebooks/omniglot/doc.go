// Package omniglot trains networks on Omniglot's background set small 1 and judges what they have learnt, for notebooks that ask what
// one change does. Trainings are kept on disk, so that every cell, which is a process of its own, finds what an earlier one has learnt.
//
// There are two budgets. A [Short] training takes seconds: three alphabets to learn from, and two others to be judged on, by retrieval.
// A [Long] one takes a minute or two: all five alphabets, and the 20 official one-shot runs as the exam. All else is the same for all
// recipes but for what a [Recipe] changes.
package omniglot
