// Command backbones measures what heads learn on a network that has seen millions of pictures and does not learn itself: emoji, each drawn
// by five artists, of classes never seen. One command makes one table:
//
//	go run ./experiments/backbones -table heads [-page experiments/RESULTS.md]
//	go run ./experiments/backbones -table artists
//	go run ./experiments/backbones -table pairs
//	go run ./experiments/backbones -table classes
//	go run ./experiments/backbones -table better
//
// heads has the features as they are, and small heads on them. artists asks for a picture of one artist among the others'. Artists are
// cameras, and each drew a class once: what `unipair eval` leaves out by a column camera would be the query alone. Here it is all that the
// query's artist drew, as by a gallery. pairs and classes train a linear head by every loss of a family, all alike. better lets the head
// see earlier layers too, and chooses how it learns on classes that are neither learnt from nor the test's.
//
// -pictures is a folder GROUP/NAME/ARTIST.png, and -network an ONNX file that takes pictures as EfficientNet-lite does. Each picture goes
// through the network once: -cache is where its features are kept, by default with what `unipair train` keeps. An empty folder makes them
// anew, so that the time of it is known.
package main
