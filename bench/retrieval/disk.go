package retrieval

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/unipair/unipair/bench/internal/memory"
	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/npy"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/eval"
)

// DiskConfig says what [Disk] measures with.
type DiskConfig struct {
	Ours     []string // the words of a program that calls [ServeDisk]
	Sizes    []int    // of the references; nil: 1,000,000
	Progress func(line string)
}

// The set of [Disk]: classes of 20 references, and a query for each hundredth reference.
const (
	diskDim, diskClass = 128, 20
	perQuery           = 100
)

// DiskRow holds what one way to the scores took.
type DiskRow struct {
	Queries    int     `json:"queries"`
	References int     `json:"references"`
	How        string  `json:"how"`
	Skipped    string  `json:"skipped,omitempty"`
	Seconds    float64 `json:"seconds"`
	CPU        float64 `json:"cpu_seconds"`
	Peak       int64   `json:"peak_bytes"` // of the whole process
	Recall     float64 `json:"recall_at_1"`
	MAP        float64 `json:"map_at_r"`
	Backend    string  `json:"backend"`
}

// diskTask is a question to [ServeDisk].
type diskTask struct {
	References string `json:"references"`
	Queries    string `json:"queries"`
	InMemory   bool   `json:"in_memory"`
}

// Disk measures time and memory of an evaluation whose references stay on the disk, beside one that reads them first: each in a
// process of its own. Their scores must be the same to the last bit.
func Disk(ctx context.Context, c DiskConfig) (section results.Section, err error) {
	sizes := c.Sizes
	if sizes == nil {
		sizes = []int{1_000_000}
	}
	var rows []DiskRow
	for _, n := range sizes {
		if n < perQuery || n%perQuery != 0 {
			return section, fmt.Errorf("bench: there is a query for each %d references: their number must be a multiple, got %d", perQuery, n)
		}
		more, err := c.measure(ctx, n)
		if err != nil {
			return section, err
		}
		rows = append(rows, more...)
	}
	text := fmt.Sprintf("All scores of queries among references that lie in a NumPy file, exact, d = %d, classes of %d. Each way has a "+
		"process of its own, whose most memory is what the whole of it had. Both give the same scores to the last bit.\n\n", diskDim, diskClass)
	return results.Section{
		Heading: "References on the disk", Versions: []string{"backend " + rows[0].Backend}, Table: text + diskTable(rows), Rows: rows,
	}, nil
}

// measure writes a set and has both ways at it.
func (c DiskConfig) measure(ctx context.Context, n int) (rows []DiskRow, err error) {
	dir, err := os.MkdirTemp("", "unipair-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c.Progress(fmt.Sprintf("writes %d references of %d numbers to %s", n, diskDim, dir))
	task := diskTask{References: filepath.Join(dir, "references.npy"), Queries: filepath.Join(dir, "queries.npy")}
	if err := errors.Join(writeSet(task.References, n, 0), writeSet(task.Queries, n/perQuery, perQuery)); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	for _, task.InMemory = range []bool{false, true} {
		row := DiskRow{Queries: n / perQuery, References: n, How: "streamed"}
		if task.InMemory {
			row.How = "in memory"
		}
		const perNumber = 32 // bytes, in memory: as read, in float64, as keys here and there
		if need := int64(n) * diskDim * perNumber; task.InMemory && need > memory.Available()*8/10 {
			row.Skipped = fmt.Sprintf("needs %.0f GB", float64(need)/1e9)
			rows = append(rows, row)
			continue
		}
		c.Progress(fmt.Sprintf("%d queries among %d references, %s", row.Queries, n, row.How))
		p, err := peers.Start(ctx, "unipair", c.Ours[0], c.Ours[1:]...)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(p.Ask(task, &row), p.Stop()); err != nil {
			return nil, err
		}
		if task.InMemory && (row.Recall != rows[0].Recall || row.MAP != rows[0].MAP) {
			return nil, fmt.Errorf("bench: recall@1 and MAP@R are %v and %v, streamed %v and %v", row.Recall, row.MAP, rows[0].Recall, rows[0].MAP)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// classOf returns the class of a row of [writeSet].
func classOf(i, every int) int32 { return int32(i * max(1, every) / diskClass) }

// writeSet writes rows round centres, which are the same for references and for queries: those of each so many references.
func writeSet(path string, n, every int) error {
	random := rand.New(rand.NewPCG(uint64(n), uint64(every)))
	return file.Write(path, func(to io.Writer) error {
		out := bufio.NewWriterSize(to, 1<<20)
		if err := npy.WriteHead(out, n, diskDim); err != nil {
			return err
		}
		row, numbers := make([]float32, diskDim), make([]byte, 0, 4*diskDim)
		for i := range n {
			centre := rand.New(rand.NewPCG(uint64(classOf(i, every)), 7))
			for j := range row {
				row[j] = float32(centre.NormFloat64() + 1.5*random.NormFloat64())
			}
			numbers, _ = binary.Append(numbers[:0], binary.LittleEndian, row) // of float32 it cannot fail
			if _, err := out.Write(numbers); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

// ServeDisk answers for one way of [Disk], as a process of its own.
func ServeDisk(in io.Reader, out io.Writer) error {
	var task diskTask
	if err := json.NewDecoder(in).Decode(&task); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	row, err := task.run()
	if err != nil {
		return json.NewEncoder(out).Encode(map[string]string{"error": err.Error()})
	}
	return json.NewEncoder(out).Encode(row)
}

// run finds the scores, and what that took.
func (t diskTask) run() (row struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	Peak    int64   `json:"peak_bytes"`
	Recall  float64 `json:"recall_at_1"`
	MAP     float64 `json:"map_at_r"`
	Backend string  `json:"backend"`
}, err error,
) {
	device, _, err := backend.Open()
	if err != nil {
		return row, err
	}
	row.Backend = device.Name()
	queries, err := read(t.Queries, perQuery)
	if err != nil {
		return row, err
	}
	wall, cpu := time.Now(), turns.ProcessorTime()
	var found eval.Retrieval
	if t.InMemory {
		var references eval.Set
		if references, err = read(t.References, 0); err == nil {
			found, err = eval.RetrieveFrom(queries, references, eval.Options{Backend: device})
		}
	} else {
		found, err = t.streamed(queries, eval.Options{Backend: device})
	}
	if err != nil {
		return row, err
	}
	row.Seconds, row.CPU = time.Since(wall).Seconds(), turns.ProcessorTime()-cpu
	row.Recall, row.MAP = found.RecallAt[1], found.MAPAtR
	row.Peak, err = memory.Taken("VmHWM")
	return row, err
}

// streamed reads the references in blocks.
func (t diskTask) streamed(queries eval.Set, options eval.Options) (found eval.Retrieval, err error) {
	rows, err := npy.OpenRows(t.References)
	if err != nil {
		return found, file.Named(t.References, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return eval.RetrieveStreamed(queries, eval.Stream{Dim: rows.Dim, Labels: labels(rows.Count, 0), Read: rows.Read}, options)
}

// read reads a set whole.
func read(path string, every int) (set eval.Set, err error) {
	rows, err := npy.OpenRows(path)
	if err != nil {
		return set, file.Named(path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	set = eval.Set{Dim: rows.Dim, Embeddings: make([]float32, rows.Count*rows.Dim), Labels: labels(rows.Count, every)}
	return set, rows.Read(0, set.Embeddings)
}

func labels(n, every int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = classOf(i, every)
	}
	return all
}

func diskTable(rows []DiskRow) string {
	var text strings.Builder
	text.WriteString("| queries | references | | seconds | processors' time, s | most memory, MiB | recall@1 | MAP@R |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.Skipped != "" {
			fmt.Fprintf(&text, "| %d | %d | %s: %s | – | – | – | – | – |\n", r.Queries, r.References, r.How, r.Skipped)
			continue
		}
		fmt.Fprintf(&text, "| %d | %d | %s | %.1f | %.1f | %.0f | %.4f | %.4f |\n", r.Queries, r.References, r.How, r.Seconds, r.CPU,
			float64(r.Peak)/(1<<20), r.Recall, r.MAP)
	}
	return text.String()
}
