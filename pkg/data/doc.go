// Package data gives images with labels, and makes the pair batches that similarity is learnt from.
//
// A [Dataset] is images by index, each of a class. [Open] reads published sets by name ([Catalogue]) in class-disjoint [Parts];
// [OmniglotSmall1], [OmniglotNovel] and [OneShotRuns] are handwriting in small; [Folder] and [CSV] are pictures of one's own;
// [Features] are vectors that another model made. [Glyphs] is rendered from Go's own fonts and needs no download. [Subset],
// [HoldOut], [Rotations] and [Mirrored] make sets of sets: a split is by class, so that no class is in both parts. [PairBatches]
// draws P classes and K images of each, changes them at random ([Augment]), and has the next batches ready while the device
// computes.
//
// An image is gray or in colour, float32 from 0 to 1, from black to light, as it is in its file. What is done to it before a network
// sees it is [Preparation], and the network's. A set of features is one of vectors instead ([Format]).
//
// A set may know more than a [Dataset] has methods for: where its images come from ([SourceSet]), which camera took them ([CameraSet]),
// what its classes were made of ([OriginSet]). A function asks any set: [Source], [Cameras], [Origins]. A set of one's own that wraps
// another hides what that knows, unless it forwards it:
//
//	func (w wrapper) Source(i int) string             { return data.Source(w.Dataset, i) }
//	func (w wrapper) Cameras() ([]int, bool)          { return data.Cameras(w.Dataset) }
//	func (w wrapper) Origins() ([]data.Origin, error) { return data.Origins(w.Dataset) }
//
// Every random choice has a seed: the same seed gives the same bits on a machine, whatever the number of workers and the memory
// for images, and step n of a run is the same whether the run began before it or with it.
package data
