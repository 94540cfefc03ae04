// Package compare answers which loss to take for a data set. Each loss has as many tries as every other, drawn from the ranges of the
// catalogue and judged by classes that are not learnt from. The best setting is trained with several seeds. The test classes are asked
// once, at the end. What comes out is not a winner but which losses can be told apart, and by how much.
//
//	Musgrave, Belongie, Lim, "A Metric Learning Reality Check", ECCV 2020.
package compare
