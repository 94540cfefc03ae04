// Package which reads the tables of experiments/which, for a notebook that asks which loss to take: comparisons of losses that had as many
// tried settings and seeds each. It also makes a small one while the notebook waits.
package which
