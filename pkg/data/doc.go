// Package data gives images with labels, and makes the pair batches that similarity is learnt from.
//
// A [Dataset] is images by index, each with a class. [OmniglotSmall1] and [OneShotRuns] are real handwriting; [Glyphs] is
// rendered from Go's own fonts and needs no download. [Subset], [Rotations] and [Mirrored] make data sets of data sets; a
// split is by class, so that no class is in both parts. [PairBatches] draws P classes and K images of each, changes them at
// random ([Augment]), and has the next batches ready while the device computes.
//
// Every random choice has a seed: the same seed gives the same bits, whatever the number of workers.
package data
