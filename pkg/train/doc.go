// Package train teaches a network to embed images, or features of them, by any loss of package losses, and keeps what it
// learnt: [Run] trains, [Load] brings back, [Embedder] embeds.
//
// config.go is what can be set; network.go the kinds of network, small.go, layers.go, head.go, function.go and resnet.go
// (pretrained.go and weights.go for files of theirs) what they are made of; predictor.go what may stand between them and the loss; random.go their first values; adamw.go and optimizer.go how they are moved; pieces.go
// that for large batches; step.go one step as a graph, devices.go that step over several devices, and table.go, sampled.go and
// blocks.go that step for many classes; batches.go where its images come from; train.go and loop.go the run; validate.go its
// validation and watch.go when it is given up; history.go and journal.go what it records; checkpoint.go, restore.go, resume.go,
// lock.go and disk.go what is kept on disk, and how; embedder.go, embedset.go and oneshot.go the use of it.
//
// The small network is for images of 16 to 64 pixels a side, gray as handwriting (ink is 1, paper 0, by [Network].Invert) or in colour. The package prints
// nothing and opens no backend. The same configuration, data and backend give the same result, bit for bit, whether a run is
// broken off and resumed or not; another backend differs by rounding.
package train
