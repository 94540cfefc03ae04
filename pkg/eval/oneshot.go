package eval

import "fmt"

// Episode is one run of one-shot classification: each query takes the label of the nearest support vector. Queries are classified one by
// one, without making use of each label occurring once.
type Episode struct {
	Support, Queries Set // what is learnt from, one vector per class or more, and what is classified; of one dimension
}

// OneShot holds the result of one-shot classification.
type OneShot struct {
	Error float64   // the mean of the errors of the runs
	Runs  []float64 // the fraction of wrong queries in each run
}

// ClassifyOneShot classifies the queries of each episode by their nearest support vector, equal ones by the lower index.
func ClassifyOneShot(episodes []Episode) (OneShot, error) {
	if len(episodes) == 0 {
		return OneShot{}, fmt.Errorf("eval: one-shot classification needs at least one episode, got none")
	}
	result := OneShot{Runs: make([]float64, len(episodes))}
	for i, episode := range episodes {
		if err := checkPair(episode.Queries, episode.Support); err != nil {
			return OneShot{}, fmt.Errorf("episode %d: %w", i+1, err)
		}
		wrong := 0
		support, queries, dim := episode.Support.precise(), episode.Queries.precise(), episode.Queries.Dim
		for q, label := range episode.Queries.Labels {
			nearest, _ := nearestOf(queries[q*dim:(q+1)*dim], support)
			if episode.Support.Labels[nearest] != label {
				wrong++
			}
		}
		result.Runs[i] = float64(wrong) / float64(episode.Queries.Len())
		result.Error += result.Runs[i]
	}
	result.Error /= float64(len(episodes))
	return result, nil
}

// nearestOf returns which of the vectors is nearest to x, the first of equals, and its squared distance.
func nearestOf(x, vectors []float64) (index int, distance float64) {
	dim := len(x)
	distance = squaredDistance(x, vectors[:dim])
	for i := 1; i < len(vectors)/dim; i++ {
		if d := squaredDistance(x, vectors[i*dim:(i+1)*dim]); d < distance {
			index, distance = i, d
		}
	}
	return index, distance
}
