// Package annotate asks which image should be labelled next. It plays the annotator for a pool of embedded images whose labels it knows
// and hides. It measures what a classifier makes of the labels that a strategy has asked for.
package annotate
