// Command fashion measures what Fashion-MNIST teaches. A network learns five of its ten classes, and the test images of the other five are
// to find one another. That stands beside the same question asked of plain pixels and of a network that has learnt nothing.
//
//	go run ./experiments/fashion [-seeds 3] [-steps 250] [-page experiments/RESULTS.md]
//
// The further columns are to say why it is as it is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/gomlx/compute"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

func main() {
	seeds := flag.Uint64("seeds", 3, "how many seeds, from 0")
	steps := flag.Int("steps", 250, "training steps")
	page := flag.String("page", "", "file whose section is replaced, such as experiments/RESULTS.md")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *seeds, *steps, *page)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "experiments/fashion:", err)
		os.Exit(1)
	}
}

// subject is a way to embed.
type subject struct {
	name  string
	steps float64 // of the budget
	loss  string  // "": the network as it begins
	set   map[string]string
}

// subjects have settings that were chosen on Omniglot; nothing was tuned here.
var subjects = []subject{
	{name: "untrained network", steps: 1},
	{name: "Circle", steps: 1, loss: "circle", set: map[string]string{"margin": "0.4", "gamma": "80"}},
	{name: "Circle, a tenth of the steps", steps: 0.1, loss: "circle", set: map[string]string{"margin": "0.4", "gamma": "80"}},
	{name: "triplet, batch-hard", steps: 1, loss: "triplet", set: map[string]string{"margin": "0.1", "mining": "hard"}},
	{name: "AM-Softmax", steps: 1, loss: "am-softmax", set: map[string]string{"margin": "0.2", "gamma": "16"}},
}

// config returns a training: 5 classes × 20 images per batch, mirrored left to right and not changed else, as clothes hang straight.
func (s subject) config(steps int, seed uint64) train.Config {
	c := train.DefaultConfig()
	c.Seed, c.Steps, c.Warmup = seed, max(1, int(s.steps*float64(steps))), 0
	c.Classes, c.PerClass, c.Augment = 5, 20, data.Augment{Flip: true}
	c.LearningRate = 1e-3
	if s.loss == "" {
		c.LearningRate = 1e-12 // which goes nowhere, and gives batch normalisation its moments
		return c
	}
	c.Warmup = min(50, c.Steps/5)
	c.Loss, c.Set = s.loss, s.set
	return c
}

// found says what an embedding is worth.
type found struct {
	seen, unseen eval.Retrieval
	dimensions   float64 // effective ones, of the unseen classes
}

func run(ctx context.Context, seeds uint64, steps int, page string) error {
	if seeds < 1 || steps < 1 {
		return fmt.Errorf("-seeds and -steps must be at least 1, got %d and %d", seeds, steps)
	}
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	parts, err := data.Open(ctx, "fashion-mnist", data.Options{})
	if err != nil {
		return err
	}
	seen := first(parts.Train, parts.Test.Len())
	raw, err := measure(device, pixels, seen, parts.Test)
	if err != nil {
		return err
	}
	rows := []row{{"raw pixels, cosine", []found{raw}}}
	for _, s := range subjects {
		r := row{name: s.name}
		for seed := range seeds {
			trained, err := train.Run(ctx, device, s.config(steps, seed), parts.Train, train.Options{})
			if err != nil {
				return err
			}
			f, err := measure(device, trained.Embedder.EmbedSet, seen, parts.Test)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%s, seed %d: MAP@R %.1f %%\n", s.name, seed, 100*f.unseen.MAPAtR)
			r.found = append(r.found, f)
		}
		rows = append(rows, r)
	}
	text := fmt.Sprintf("`go run ./experiments/fashion -seeds %d -steps %d`: %s.\n\n%s",
		seeds, steps, results.Machine("backend "+device.Name()), table(rows, parts.Test.Classes(), steps))
	fmt.Print(text)
	if page == "" {
		return nil
	}
	return results.Replace(page, "Fashion-MNIST, classes never seen", text)
}

// first returns the first images of a set, so that seen classes are asked as often as unseen ones.
func first(set data.Dataset, count int) data.Dataset { return head{set, min(count, set.Len())} }

type head struct {
	data.Dataset
	count int
}

func (h head) Len() int { return h.count }

// pixels embeds by the image itself.
func pixels(set data.Dataset) (eval.Set, error) {
	var out eval.Set
	for i := range set.Len() {
		image, err := set.Image(i)
		if err != nil {
			return out, err
		}
		out.Dim = len(image.Pixels)
		x := make([]float64, out.Dim)
		for j, v := range image.Pixels {
			x[j] = float64(v)
		}
		length := mat.Norm(mat.NewVecDense(len(x), x), 2)
		for _, v := range x {
			out.Embeddings = append(out.Embeddings, float32(v/length))
		}
		out.Labels = append(out.Labels, int32(set.Label(i)))
	}
	return out, nil
}

func measure(device compute.Backend, embed func(data.Dataset) (eval.Set, error), seen, unseen data.Dataset) (f found, err error) {
	set, err := embed(seen)
	if err != nil {
		return f, err
	}
	if f.seen, err = eval.Retrieve(set, eval.Options{Backend: device}); err != nil {
		return f, err
	}
	if set, err = embed(unseen); err != nil {
		return f, err
	}
	if f.unseen, err = eval.Retrieve(set, eval.Options{Backend: device}); err != nil {
		return f, err
	}
	f.dimensions, err = dimensions(set)
	return f, err
}

// dimensions returns (Σ λ)² / Σ λ² of the variances λ along the principal axes: as many as there are axes if all are alike, 1 if one has
// all.
func dimensions(set eval.Set) (float64, error) {
	x := make([]float64, len(set.Embeddings))
	for i, v := range set.Embeddings {
		x[i] = float64(v)
	}
	var components stat.PC
	if !components.PrincipalComponents(mat.NewDense(len(set.Labels), set.Dim, x), nil) {
		return 0, fmt.Errorf("the principal axes of %d vectors are not found", len(set.Labels))
	}
	sum, squares := 0.0, 0.0
	for _, v := range components.VarsTo(nil) {
		sum, squares = sum+v, squares+v*v
	}
	return sum * sum / squares, nil
}

// row is a subject with what its seeds found.
type row struct {
	name  string
	found []found
}

func table(rows []row, classes []string, steps int) string {
	var text strings.Builder
	text.WriteString("| | precision@1, % | R-precision, % | MAP@R, % | effective dimensions | MAP@R of the seen classes, % |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", r.name,
			r.spread(func(f found) float64 { return 100 * f.unseen.PrecisionAt1 }),
			r.spread(func(f found) float64 { return 100 * f.unseen.RPrecision }),
			r.spread(func(f found) float64 { return 100 * f.unseen.MAPAtR }),
			r.spread(func(f found) float64 { return f.dimensions }),
			r.spread(func(f found) float64 { return 100 * f.seen.MAPAtR }))
	}
	text.WriteString("\n| MAP@R of unseen classes, % |")
	for _, c := range rows[0].found[0].unseen.Classes {
		fmt.Fprintf(&text, " %s |", classes[c.Label])
	}
	text.WriteString("\n|---|" + strings.Repeat("---|", len(rows[0].found[0].unseen.Classes)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %s |", r.name)
		for i := range rows[0].found[0].unseen.Classes {
			fmt.Fprintf(&text, " %s |", r.spread(func(f found) float64 { return 100 * f.unseen.Classes[i].MAPAtR }))
		}
		text.WriteString("\n")
	}
	fmt.Fprintf(&text, notes, steps)
	return text.String()
}

// spread returns the mean over seeds ± their standard deviation, which one alone does not have.
func (r row) spread(of func(found) float64) string {
	var all []float64
	for _, f := range r.found {
		all = append(all, of(f))
	}
	mean, deviation := stat.MeanStdDev(all, nil)
	if len(all) == 1 {
		return fmt.Sprintf("%.1f", mean)
	}
	return fmt.Sprintf("%.1f ± %.1f", mean, deviation)
}

const notes = `
Learnt from the training images of T-shirt, trouser, pullover, dress and coat in %d steps of 5 × 20 images, mirrored; asked of the test
images of the other five classes, 1,000 each, among themselves. Mean ± standard deviation over seeds. Seen: as many training images of the
five that were learnt. Effective dimensions: (Σ λ)² / Σ λ² of the variances λ along the principal axes of the unseen images' embeddings.
`
