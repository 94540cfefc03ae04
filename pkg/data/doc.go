// Package data gives images with labels, and makes the pair batches that similarity is learnt from.
//
// A [Dataset] is images by index, each of a class. [Open] reads published sets by name ([Catalogue]) in class-disjoint [Parts];
// [OmniglotSmall1], [OmniglotNovel] and [OneShotRuns] are handwriting in small; [Folder] and [CSV] are pictures of one's own;
// [Features] are vectors that another model made. [Glyphs] is rendered from Go's own fonts and needs no download. [Subset],
// [HoldOut], [Rotations] and [Mirrored] make sets of sets: a split is by class, so that no class is in both parts. [PairBatches]
// draws P classes and K images of each, changes them at random ([Augment]), and has the next batches ready while the device
// computes; [Tensor] is its counterpart for evaluation.
//
// An image is gray or in colour, float32 from 0 to 1, from black to light, as it is in its file. What is done to it before a network
// sees it is [Preparation], and the network's. A set of features is one of vectors instead ([Format]).
//
// Every random choice has a seed: the same seed gives the same bits on a machine, whatever the number of workers and the memory
// for images, and step n of a run is the same whether the run began before it or with it.
//
// image.go has images and their reduction, fit.go makes them square, preparation.go readies them for a network, dataset.go sets and subsets, holdout.go and parts.go splits, turns.go rotations and
// mirrors. files.go is sets of image files, which decode.go and orientation.go read; folder.go and csv.go list one's own, npy.go
// reads features. catalogue.go opens published sets, each in a file of its name; fetch.go finds their files, download.go fetches
// them, trust.go checks them, and archive.go and tree.go read archives within limits; idx.go, mat.go and csv.go parse.
// sampler.go and superclass.go draw batches, batches.go, prefetch.go and held.go make them of images that augment.go (where to),
// change.go and colour.go change.
package data
