// Package annotate asks which image should be labelled next: it plays the annotator for a pool of embedded images whose labels it
// knows and hides, and measures what a classifier makes of the labels that a strategy has asked for.
package annotate
