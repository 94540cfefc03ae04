// Package train does metric learning: it trains a network that embeds pictures, or features of them, by any loss of package losses.
// Pictures of one class then have similar vectors, also in classes that it has never seen.
//
// A program that trains on a folder with a folder of pictures for each class, and then embeds two pictures:
//
//	parts, err := data.FolderParts(ctx, "pictures", data.Options{})
//	if err != nil { … }
//	backend := compute.MustNew() // of GoMLX: XLA, or pure Go
//	result, err := train.Run(ctx, backend, train.DefaultConfig(), parts.Train, train.Options{Dir: "run"})
//	if err != nil { … }
//	vectors, err := result.Embedder.Embed(one, other) // of data.Image; two vectors of length 1, one after the other
//
// Later, in another program:
//
//	embedder, err := train.Load(backend, "run")
//
// The package prints nothing and opens no backend. The command `unipair train` does the same without a program.
//
// # Train
//
// [Run] trains as a [Config] says, which is a plain value: loss, network, batches, optimiser, number of steps. Begin with [DefaultConfig].
// What a Config leaves open is filled in, and [Options].Started is told what comes of it.
//
// [Options] are what a checkpoint does not keep. Among them are a loss or a network given as Go code, and Progress, which is called after
// each step. A run that diverges, or learns nothing, ends with an error that says what to try.
//
// # Stop and resume
//
// In a directory ([Options].Dir) a run keeps checkpoints and its history. The same call goes on from there. It gives what a run without a
// break gives, bit for bit on the same backend; another backend, or other convolutions (`unipair doctor`), differ by rounding.
//
// [ReadManifest] says what is in a directory, [ReadHistory] reads its steps, and [Copy] takes the network alone. [CanBegin] and [RemoveRun]
// touch nothing that no run has written.
//
// # Validate
//
// A [Validation] holds classes out of training, since a network that embeds is asked about classes it has never seen. The network with the
// best MAP@R on them is the result, and training can stop early.
//
// # Load a network and embed pictures
//
// [Load] brings back what a directory holds, [LoadFunction] a network of your own. An [Embedder] embeds images, and whole data sets for
// package eval. Its Views look at each image in several ways (test-time augmentation). An [Ensemble] embeds by several networks.
//
// # Choose a network
//
// [ArchitectureSmall] is for images of 16 to 64 pixels per side: gray as handwriting, with ink 1 and paper 0 by [Network].Invert, or in
// colour. [ArchitectureResNet18] and 50 are for photographs; they may begin with the weights of torchvision or timm ([Config].Weights).
// [ArchitectureLinear] and [ArchitectureMLP] are for features.
//
// A [Function] is a network of your own, in GoMLX. Networks from ONNX files and from the Hugging Face hub stand before a head: package onnx
// opens them for [Run], and writes what is trained as ONNX files. [Config].From goes on from the network of another run (fine-tuning).
//
// # Large batches, many classes, many devices
//
// [Config].Pieces takes a batch through the network in pieces, and Streamed takes the loss in blocks of the batch. ClassBlock goes over
// many classes in blocks, and ClassSample looks at some of them (Partial FC). [Options].Devices shares a batch out. All but ClassSample
// learn the same, to rounding.
package train
