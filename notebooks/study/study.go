package study

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Recipe is a loss to train, and how to speak of it.
type Recipe struct {
	Name      string            // in tables and figures
	Loss      string            // in the catalogue of losses
	Set       map[string]string // its parameters that are not the catalogue's
	Reduction string            // of the catalogue; empty is the mean over anchors
	Boundary  viz.Boundary      // its decision boundary, for pictures
}

// The steps of a run, and of one under UNIPAIR_QUICK=1: a run of the same code to see that it works, which learns little.
const (
	steps      = 400
	quickSteps = 24
)

// Config is how a recipe is trained: everything but the loss is the same for all.
func (r Recipe) Config() train.Config {
	config := train.DefaultConfig()
	config.Loss, config.Set = r.Loss, r.Set
	if r.Reduction != "" {
		config.Reduction = r.Reduction
	}
	config.Steps = steps
	if Quick() {
		config.Steps, config.Warmup = quickSteps, quickSteps/4
	}
	return config
}

// Quick reports whether UNIPAIR_QUICK=1 asks for short runs.
func Quick() bool { return os.Getenv("UNIPAIR_QUICK") == "1" }

// Runs is the folder that trainings are kept in: $UNIPAIR_RUNS, else runs beside the notebooks' folder.
func Runs() string {
	if root := os.Getenv("UNIPAIR_RUNS"); root != "" {
		return root
	}
	return filepath.Join(os.Getenv("GONB_DIR"), "..", "runs")
}

// Dir is where a recipe's run is kept. Its name has the settings,
// so that a changed recipe is trained anew.
func (r Recipe) Dir() string {
	name := r.Loss
	for _, parameter := range slices.Sorted(maps.Keys(r.Set)) {
		name += "-" + parameter + "-" + r.Set[parameter]
	}
	if r.Reduction != "" {
		name += "-" + r.Reduction
	}
	return filepath.Join(Runs(), "notebook-03", fmt.Sprintf("%s-%d-steps", name, r.Config().Steps))
}

// Train trains recipes one after the other, or finds them trained, and returns a row of text for each.
func Train(b compute.Backend, recipes ...Recipe) (header []string, rows [][]string, err error) {
	background, err := data.OmniglotSmall1(context.Background(), data.Options{})
	if err != nil {
		return nil, nil, err
	}
	for _, r := range recipes {
		result, err := Run(b, r.Config(), data.Rotations(background), train.Options{Dir: r.Dir()})
		if err != nil {
			return nil, nil, fmt.Errorf("study: %s: %w", r.Name, err)
		}
		first, last := result.History[0], result.History[len(result.History)-1]
		rows = append(rows, []string{r.Name, fmt.Sprint(last.Step), fmt.Sprintf("%.2f → %.2f", first.Loss, last.Loss),
			fmt.Sprintf("%.2f → %.2f", first.Positive.Mean, last.Positive.Mean), fmt.Sprintf("%.2f → %.2f", first.Negative.Mean, last.Negative.Mean)})
	}
	return []string{"loss", "steps", "value", "mean s_p", "mean s_n"}, rows, nil
}

// Trained is what a recipe's training has left behind.
type Trained struct {
	Recipe
	Before, After *train.Embedder
	History       []train.Record
}

// Load brings a trained recipe back from disk, with the untrained network that it began as.
func (r Recipe) Load(b compute.Backend) (Trained, error) {
	history, err := train.ReadHistory(r.Dir())
	if err != nil {
		return Trained{}, fmt.Errorf("study: %s is not trained yet: run the cells above: %w", r.Name, err)
	}
	after, err := train.Load(b, r.Dir())
	if err != nil {
		return Trained{}, err
	}
	before, err := train.NewEmbedder(b, after.Network, r.Config().Seed)
	return Trained{Recipe: r, Before: before, After: after, History: history}, err
}
