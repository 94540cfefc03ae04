// Package train teaches a network to embed images, or features of them, by any loss of package losses, and keeps what it learnt. A
// program that trains on a folder of pictures per class, and then compares two pictures:
//
//	parts, err := data.FolderParts(ctx, "pictures", data.Options{})
//	if err != nil { … }
//	backend := compute.MustNew() // of GoMLX: XLA, or pure Go
//	result, err := train.Run(ctx, backend, train.DefaultConfig(), parts.Train, train.Options{Dir: "run"})
//	if err != nil { … }
//	vectors, err := result.Embedder.Embed(one, other) // data.Image, vectors of length 1
//	if err != nil { … }
//	dim, cosine := result.Embedder.Network.Dim, float32(0)
//	for i := range dim {
//		cosine += vectors[i] * vectors[dim+i]
//	}
//
// The package prints nothing and opens no backend.
//
// # Training
//
// [Run] trains as a [Config] says, which is a plain value: loss, network, batches, descent. What it leaves open is filled in, and
// [Options].Started is told what comes of it. Options are what a checkpoint does not keep, among them a loss or a network given as Go
// code, and a function that follows each step. A run that diverges, or learns nothing, ends with an error that says what to try.
//
// # Breaking off and going on
//
// In a directory a run keeps checkpoints and its history. The same call goes on from there, and gives what a run without a break gives,
// bit for bit on the same backend; another backend differs by rounding. [ReadManifest] says what is in a directory, [ReadHistory] reads
// its steps, and [Copy] takes the network alone. [CanBegin] and [RemoveRun] touch nothing that no run has written.
//
// # Validating
//
// A [Validation] holds classes out of training, since a network that embeds is asked about classes it has never seen. The best
// network by MAP@R is the result.
//
// # Embedding
//
// [Load] brings back what a directory holds, [LoadFunction] a network of one's own. An [Embedder] embeds images, whole data sets for
// package eval, and one-shot runs; its Views look at each image in several ways. An [Ensemble] embeds by several networks.
//
// # Networks
//
// [ArchitectureSmall] is for images of 16 to 64 pixels per side, gray as handwriting (ink is 1, paper 0, by [Network].Invert) or in
// colour; [ArchitectureResNet18] and 50 are for photographs and may begin with the weights of torchvision or timm;
// [ArchitectureLinear] and [ArchitectureMLP] are for features. A [Function] is any other, in GoMLX. Networks from ONNX files and from
// the Hugging Face hub stand before a head: package onnx opens them for [Run], and writes what is trained as ONNX files.
//
// # Large batches and many classes
//
// [Config].Pieces takes a batch through the network in pieces, and Streamed the loss in blocks of the batch; ClassBlock goes over many
// classes in blocks, and ClassSample looks at some of them. [Options].Devices shares a batch out. All but the sample learn the same, to
// rounding.
package train
