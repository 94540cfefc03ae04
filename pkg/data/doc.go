// Package data gives images with labels, and makes the batches that similarity is learnt from.
//
// Batches of 16 classes with 4 images of each, from a folder with a folder of images for each class:
//
//	photos, err := data.Folder(ctx, "photos", data.Options{})
//	if err != nil {
//		return err
//	}
//	training, validation, err := data.HoldOut(photos, 0.2, 1)
//	if err != nil {
//		return err
//	}
//	batches := &data.PairBatches{Dataset: training, Classes: 16, PerClass: 4, Size: 64, Augment: data.PhotoAugment(), Steps: 1000}
//	for batch, err := range batches.Iter() {
//		…
//	}
//
// # Where data comes from
//
// A [Dataset] gives images by index, each of a class. [Open] reads published sets by name ([Catalogue]) in class-disjoint [Parts].
// [OmniglotSmall1], [OmniglotNovel] and [OneShotRuns] are handwriting in small. [Glyphs] renders characters from Go's own fonts and
// downloads nothing.
//
// Of one's own there are pictures ([Folder], [CSV]) and vectors that another model made ([Features]). Where these have a split,
// [FolderParts], [CSVParts] and [FeatureParts] read its parts.
//
// # Sets of sets
//
// [Subset] keeps some classes, and [HoldOut] divides a set by class, so that no class is in both parts. [Rotations] and [Mirrored] make
// further classes.
//
// # Batches
//
// [PairBatches] draws P classes and K images of each and changes them at random ([Augment]). It has the next batches ready while the
// device computes.
//
// An image is gray or in colour, float32 from 0 to 1, from black to light, as it is in its file. [Preparation] says what is done to it
// before a network sees it, and belongs to the network. A set of features has vectors in place of images ([Format]).
//
// # A set of your own
//
// A set may know more than a [Dataset] has methods for: where its images come from ([SourceSet]), which camera took them ([CameraSet]),
// what its classes were made of ([OriginSet]). A function asks any set: [Source], [Cameras], [Origins]. A set that wraps another hides
// what that knows, unless it forwards it:
//
//	func (w wrapper) Source(i int) string             { return data.Source(w.Dataset, i) }
//	func (w wrapper) Cameras() ([]int, bool)          { return data.Cameras(w.Dataset) }
//	func (w wrapper) Origins() ([]data.Origin, error) { return data.Origins(w.Dataset) }
//
// # The same again
//
// Every random choice has a seed. The same seed gives the same bits on a machine, whatever the number of workers and the memory for
// images. Step n of a run is the same whether the run began before it or with it.
package data
