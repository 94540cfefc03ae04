// Package data gives images with labels, and makes the pair batches that similarity is learnt from.
//
// A [Dataset] is images by index, each of a class. [OmniglotSmall1], [OmniglotNovel] and [OneShotRuns] are real handwriting;
// [Glyphs] is rendered from Go's own fonts and needs no download. [Subset], [Rotations] and [Mirrored] make sets of sets: a
// split is by class, so that no class is in both parts. [PairBatches] draws P classes and K images of each, changes them at
// random ([Augment]), and has the next batches ready while the device computes; [Tensor] is its counterpart for evaluation.
//
// An image is gray or in colour, float32 from 0 to 1 (from paper to ink for drawn characters), whatever its file has. A set of
// features, made by another model, is one of vectors instead ([Format]).
//
// Every random choice has a seed: the same seed gives the same bits on a machine, whatever the number of workers, and step n of
// a run is the same whether the run began before it or with it.
//
// image.go has images and their reduction, dataset.go sets and subsets, turns.go rotations and mirrors, augment.go the random
// affine maps. omniglot.go, novel.go and runs.go say what Omniglot's archives hold; archive.go reads them within limits, and
// fetch.go finds or downloads them and checks each by SHA-256. sampler.go draws batches, batches.go and prefetch.go make them.
package data
