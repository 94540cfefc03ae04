// Package evaluation measures what networks make of a data set: retrieval, clustering, verification and one-shot classification, with
// intervals. [Run] measures; a [Result] is written as JSON, as a table, or as a page with figures and the worst mistakes.
package evaluation

import (
	"context"
	"fmt"

	"github.com/unipair/unipair/internal/datasets"
)

// worthTelling counts embeddings from which on measuring takes seconds.
const worthTelling = 5000

// Run embeds a part of a set and measures it.
func Run(ctx context.Context, network Network, set datasets.Set, o Options) (Result, error) {
	of, err := embed(ctx, network, set, o)
	if err != nil {
		return Result{}, err
	}
	if o.Ranks != nil && o.Ranks.Rank() > 0 {
		if of.within == nil {
			_, err = of.retrieval(o)
		}
		return Result{}, err
	}
	r := Result{RetrievalOn: of.retrievalOn, OneShotOn: of.oneShotOn, Warning: of.warning, of: of}
	if r.Warning != "" && o.Data.Progress != nil {
		o.Data.Progress(r.Warning)
	}
	if n := of.set.Len(); n >= worthTelling && o.Data.Progress != nil {
		o.Data.Progress(fmt.Sprintf("measuring the %d embeddings", n))
	}
	if err := r.measure(o); err != nil {
		return Result{}, err
	}
	return r, nil
}
