package train

import (
	"fmt"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// Episodes embeds one-shot runs for [eval.ClassifyOneShot]. An episode's labels are the numbers of the training images.
func (e *Embedder) Episodes(runs []data.OneShotRun) ([]eval.Episode, error) {
	return episodes(e.Network.Dim, e.Embed, runs)
}

func episodes(dim int, embed func(...data.Image) ([]float32, error), runs []data.OneShotRun) ([]eval.Episode, error) {
	episodes := make([]eval.Episode, len(runs))
	for i, run := range runs {
		if len(run.Test) != len(run.Answer) {
			return nil, fmt.Errorf("train: one-shot run %d has %d test images and %d answers", i+1, len(run.Test), len(run.Answer))
		}
		training, err := embed(run.Training...)
		if err != nil {
			return nil, fmt.Errorf("one-shot run %d, training images: %w", i+1, err)
		}
		test, err := embed(run.Test...)
		if err != nil {
			return nil, fmt.Errorf("one-shot run %d, test images: %w", i+1, err)
		}
		own := make([]int32, len(run.Training))
		for j := range own {
			own[j] = int32(j)
		}
		answers := make([]int32, len(run.Answer))
		for j, answer := range run.Answer {
			answers[j] = int32(answer)
		}
		episodes[i] = eval.Episode{
			Support: eval.Set{Dim: dim, Embeddings: training, Labels: own},
			Queries: eval.Set{Dim: dim, Embeddings: test, Labels: answers},
		}
	}
	return episodes, nil
}
