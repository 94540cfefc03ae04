package evaluation

import (
	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/ranks"
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
	// Ranks is the processes that share the search, each of which has all embeddings; nil is this one alone. Rank 0 alone has a result.
	Ranks ranks.Group
	Data  data.Options // how the set is read; its Progress is told the warning before the work
}

// DefaultOptions returns those of `unipair eval`.
func DefaultOptions() Options { return Options{RecallAt: []int{1, 2, 4, 8}} }
