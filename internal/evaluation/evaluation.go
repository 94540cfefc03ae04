// Package evaluation measures what networks make of a data set: retrieval, clustering, verification and one-shot classification, with
// intervals. [Run] measures; a [Result] is written as JSON, as a table, or as a page with figures and the worst mistakes.
package evaluation

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/datasets"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

// Network embeds: it is one network, or several as a [train.Ensemble].
type Network interface {
	EmbedSet(set data.Dataset) (eval.Set, error)
	Episodes(runs []data.OneShotRun) ([]eval.Episode, error)
}

var _ Network = train.Ensemble{}

// Options say what is measured, and how.
type Options struct {
	Part     string          // of the set, see [datasets.Set.Part]; empty is the default
	RecallAt []int           // the K of recall@K
	Learnt   map[string]bool // classes that the network has learnt from; a warning names them where they are measured with
	Backend  compute.Backend // searches; nil: pure Go
	Data     data.Options    // how the set is read; its Progress is told the warning before the work
}

// DefaultOptions returns those of `unipair eval`.
func DefaultOptions() Options { return Options{RecallAt: []int{1, 2, 4, 8}} }

// Run embeds a part of a set and measures it.
func Run(ctx context.Context, network Network, set datasets.Set, o Options) (Result, error) {
	of, err := embed(ctx, network, set, o)
	if err != nil {
		return Result{}, err
	}
	r := Result{RetrievalOn: of.retrievalOn, OneShotOn: of.oneShotOn, Warning: of.warning, of: of}
	if r.Warning != "" && o.Data.Progress != nil {
		o.Data.Progress(r.Warning)
	}
	if err := r.measure(o); err != nil {
		return Result{}, err
	}
	return r, nil
}
