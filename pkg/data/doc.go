// Package data reads labelled images and draws the batches that metric learning needs: several images of each of several classes.
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
// PairBatches is a data set of GoMLX's trainer too. Package train draws its batches so by itself: it takes a [Dataset].
//
// # Read pictures of your own
//
// [Folder] reads a folder of images for each class, and [CSV] a table of images. [Features] reads vectors that another model made. Where
// these have a split, [FolderParts], [CSVParts] and [FeatureParts] read its parts; where not, they hold out a fifth of the classes.
//
// # Take a published set
//
// [Open] reads published sets by name ([Catalogue]) in class-disjoint [Parts]. [OmniglotSmall1], [OmniglotNovel] and [OneShotRuns] are
// handwriting in small. [Glyphs] renders characters from Go's own fonts and downloads nothing.
//
// # Hold out classes, add classes
//
// [HoldOut] divides a set by class, so that no class is in both parts, and [Subset] keeps some classes. [Rotations] and [Mirrored] make
// further classes of turned and mirrored images.
//
// # Draw batches
//
// [PairBatches] draws P classes and K images of each and changes them at random ([Augment]). It has the next batches ready while the
// device computes.
//
// An image is gray or in colour, float32 from 0 to 1, from black to light, as it is in its file. [Preparation] says what is done to it
// before a network sees it, and belongs to the network. A set of features has vectors in place of images ([Format]).
//
// # Write a set of your own
//
// Any type with the methods of a [Dataset] is one: it gives images by index, each of a class. A set may know more: where its images come
// from ([SourceSet]), which camera took them ([CameraSet]), what its classes were made of ([OriginSet]), which labels its images have
// ([LabelSet]). A function asks any set: [Source], [Cameras], [Origins], [Labels].
//
// A set that wraps another hides what that knows, unless it forwards it:
//
//	func (w wrapper) Source(i int) string             { return data.Source(w.Dataset, i) }
//	func (w wrapper) Cameras() ([]int, bool)          { return data.Cameras(w.Dataset) }
//	func (w wrapper) Origins() ([]data.Origin, error) { return data.Origins(w.Dataset) }
//
// # Get the same again
//
// Every random choice has a seed. The same seed gives the same bits on a machine, whatever the number of workers and the memory for
// images. Step n of a run is the same whether the run began before it or with it.
package data
