// Package retrieval measures evaluation beside faiss: the nearest neighbours of every vector of a set among all others, exactly.
//
// Ours is [eval.Retrieve] whole: products, ranks in float64 order, and all scores; faiss's time is that of its flat index's
// search alone, for as many neighbours as the scores need. Scores are compared before times are.
package retrieval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/eval"
)

// Config says what to measure with.
type Config struct {
	Peers    peers.Environment
	Sizes    []int // of sets; nil: 60,000
	Length   turns.Length
	Progress func(line string)
}

const dim = 64

// classSizes returns how many vectors a class has: as in a set for retrieval, and as in one of ten classes.
func classSizes(n int) []int { return []int{20, n / 10} }

// Row is a set with what each contender took.
type Row struct {
	Vectors   int          `json:"vectors"`
	ClassSize int          `json:"class_size"`
	Wall      turns.Spread `json:"seconds"`
	L2        turns.Spread `json:"ratio_l2"` // ours ÷ IndexFlatL2
	CPU       turns.Spread `json:"cpu_ratio_l2"`
	Recall    float64      `json:"recall_at_1"`
	MAP       float64      `json:"map_at_r"`
}

// asker is a [peers.Peer].
type asker interface {
	Ask(question, answer any) error
}

// request is a question to faiss_peer.py.
type request struct {
	Op         string `json:"op"`
	Embeddings string `json:"embeddings,omitempty"`
	Labels     string `json:"labels,omitempty"`
	Dim        int    `json:"dim,omitempty"`
	Nearest    int    `json:"nearest,omitempty"`
	Runs       int    `json:"runs,omitempty"`
}

// scores holds what both sides find.
type scores struct {
	Recall float64 `json:"recall_at_1"`
	MAP    float64 `json:"map_at_r"`
}

// Speed measures retrieval of sets against themselves.
func Speed(ctx context.Context, c Config) (section results.Section, err error) {
	device, _, err := backend.Open()
	if err != nil {
		return section, err
	}
	dir, err := os.MkdirTemp("", "unipair-bench-")
	if err != nil {
		return section, fmt.Errorf("bench: %w", err)
	}
	python, words := c.Peers.Command("bench/retrieval/faiss_peer.py")
	faiss, err := peers.Start(ctx, "faiss", python, words...)
	if err != nil {
		return section, errors.Join(err, os.RemoveAll(dir))
	}
	defer func() { err = errors.Join(err, faiss.Stop(), os.RemoveAll(dir)) }()
	if c.Sizes == nil {
		c.Sizes = []int{60_000}
	}
	var rows []Row
	var version string
	for _, n := range c.Sizes {
		if n < 40 || n%20 != 0 {
			return section, fmt.Errorf("bench: a set has classes of 20: its size must be a multiple of 20, at least 40, got %d", n)
		}
		for _, size := range classSizes(n) {
			set := Clusters(n, size)
			c.Progress(fmt.Sprintf("%d vectors, classes of %d", n, size))
			if version, err = load(faiss, dir, set); err != nil {
				return section, err
			}
			row, err := measure(ctx, device, faiss, set, size, c.Length)
			if err != nil {
				return section, err
			}
			rows = append(rows, row)
		}
	}
	text := fmt.Sprintf("Each vector of a set to all others, exact, d = %d; ours ÷ faiss within a round: median (least – most), below 1 is to our favour. "+
		"Ours makes all scores of the R nearest; faiss searches them.\n\n", dim)
	return results.Section{Heading: "Evaluation", Versions: []string{"backend " + device.Name(), version}, Table: text + table(rows), Rows: rows}, nil
}

// Clusters returns unit vectors in classes of one size, in no order: as far from their centres as these are long.
func Clusters(n, size int) eval.Set {
	random := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	centres := make([]float32, n/size*dim)
	for i := range centres {
		centres[i] = float32(random.NormFloat64())
	}
	set := eval.Set{Dim: dim, Embeddings: make([]float32, n*dim), Labels: make([]int32, n)}
	for place, at := range random.Perm(n) {
		class := place / size
		set.Labels[at] = int32(class)
		row := set.Embeddings[at*dim : (at+1)*dim]
		length := 0.0
		for i := range row {
			row[i] = centres[class*dim+i] + float32(random.NormFloat64())
			length += float64(row[i]) * float64(row[i])
		}
		for i := range row {
			row[i] /= float32(math.Sqrt(length))
		}
	}
	return set
}

// load hands faiss a set and returns its version.
func load(faiss asker, dir string, set eval.Set) (version string, err error) {
	q := request{Op: "load", Embeddings: filepath.Join(dir, "embeddings"), Labels: filepath.Join(dir, "labels"), Dim: set.Dim}
	if err := errors.Join(peers.WriteNumbers(q.Embeddings, set.Embeddings), peers.WriteNumbers(q.Labels, set.Labels)); err != nil {
		return "", err
	}
	var loaded struct{ Version string }
	err = faiss.Ask(q, &loaded)
	return loaded.Version, err
}

// measure compares scores, and then has both take turns.
func measure(ctx context.Context, device compute.Backend, faiss asker, set eval.Set, size int, length turns.Length) (Row, error) {
	nearest := size - 1
	mine, index := ours{set, eval.Options{Backend: device, Neighbours: nearest}}, flat{faiss, nearest}
	found, err := eval.Retrieve(set, mine.options)
	if err != nil {
		return Row{}, err
	}
	var theirs scores
	if err := faiss.Ask(request{Op: "score", Nearest: nearest}, &theirs); err != nil {
		return Row{}, err
	}
	if err := agree(scores{found.RecallAt[1], found.MAPAtR}, theirs); err != nil {
		return Row{}, fmt.Errorf("bench: %d vectors, faiss: %w", set.Len(), err)
	}
	taken, err := turns.Run(ctx, []turns.Contender{mine, index}, length)
	if err != nil {
		return Row{}, err
	}
	return Row{
		Vectors: set.Len(), ClassSize: size, Wall: turns.Walls(taken[0]), L2: turns.Ratio(taken[0], taken[1]),
		CPU: turns.CPURatio(taken[0], taken[1]), Recall: found.RecallAt[1], MAP: found.MAPAtR,
	}, nil
}

// agree returns an error unless scores are the same but for neighbours whose distances float32 cannot tell apart.
func agree(got, want scores) error {
	const tolerance = 1e-4
	if !(math.Abs(got.Recall-want.Recall) <= tolerance && math.Abs(got.MAP-want.MAP) <= tolerance) {
		return fmt.Errorf("recall@1 and MAP@R are %g and %g, ours %g and %g", want.Recall, want.MAP, got.Recall, got.MAP)
	}
	return nil
}

// ours is an evaluation.
type ours struct {
	set     eval.Set
	options eval.Options
}

// Take implements [turns.Contender].
func (o ours) Take(runs int) (turns.Turn, error) {
	wall, cpu := time.Now(), turns.ProcessorTime()
	for range runs {
		if _, err := eval.Retrieve(o.set, o.options); err != nil {
			return turns.Turn{}, err
		}
	}
	n := float64(runs)
	return turns.Turn{Wall: time.Since(wall).Seconds() / n, CPU: (turns.ProcessorTime() - cpu) / n}, nil
}

// flat is faiss's IndexFlatL2.
type flat struct {
	faiss   asker
	nearest int
}

// Take implements [turns.Contender].
func (x flat) Take(runs int) (turns.Turn, error) {
	var took struct{ Wall, CPU float64 }
	err := x.faiss.Ask(request{Op: "time", Nearest: x.nearest, Runs: runs}, &took)
	return turns.Turn{Wall: took.Wall, CPU: took.CPU}, err
}

func table(rows []Row) string {
	var text strings.Builder
	text.WriteString("| vectors | of a class | Unipair, s | ÷ IndexFlatL2 | processors' time ÷ IndexFlatL2 | recall@1 | MAP@R |\n|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "| %d | %d | %s | %s | %s | %.3f | %.3f |\n", r.Vectors, r.ClassSize, r.Wall, r.L2, r.CPU, r.Recall, r.MAP)
	}
	return text.String()
}
