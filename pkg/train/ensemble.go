package train

import (
	"fmt"
	"math"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
)

// Ensemble embeds by several networks. Its vector is those of all of them one behind the other, divided by √members. So it has length 1,
// and the cosine of two images is the mean of the networks' cosines.
type Ensemble []*Embedder

// Dim returns the size of an embedding.
func (e Ensemble) Dim() int {
	dim := 0
	for _, member := range e {
		dim += member.Network.Dim
	}
	return dim
}

// Embed embeds images, as [Embedder.Embed] does.
func (e Ensemble) Embed(images ...data.Image) ([]float32, error) {
	return e.joined(len(images), func(member *Embedder) ([]float32, error) { return member.Embed(images...) })
}

// EmbedSet embeds a data set, as [Embedder.EmbedSet] does.
func (e Ensemble) EmbedSet(set data.Dataset) (eval.Set, error) {
	for _, member := range e { // before any embeds
		if err := member.Network.takes(set); err != nil {
			return eval.Set{}, err
		}
	}
	joined := eval.Set{Dim: e.Dim()}
	var err error
	joined.Embeddings, err = e.joined(set.Len(), func(member *Embedder) ([]float32, error) {
		one, err := member.EmbedSet(set)
		joined.Labels = one.Labels
		return one.Embeddings, err
	})
	return joined, err
}

// Episodes embeds one-shot runs, as [Embedder.Episodes] does.
func (e Ensemble) Episodes(runs []data.OneShotRun) ([]eval.Episode, error) {
	return episodes(e.Dim(), e.Embed, runs)
}

// joined puts the members' rows one behind the other.
func (e Ensemble) joined(rows int, embed func(*Embedder) ([]float32, error)) ([]float32, error) {
	if len(e) == 0 {
		return nil, fmt.Errorf("train: an ensemble needs at least one network")
	}
	dim, column := e.Dim(), 0
	all := make([]float32, rows*dim)
	share := float32(1 / math.Sqrt(float64(len(e))))
	for _, member := range e {
		part, err := embed(member)
		if err != nil {
			return nil, err
		}
		d := member.Network.Dim
		for r := range rows {
			for i, x := range part[r*d : (r+1)*d] {
				all[r*dim+column+i] = share * x
			}
		}
		column += d
	}
	return all, nil
}
