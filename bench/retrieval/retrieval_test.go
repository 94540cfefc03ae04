package retrieval

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the pure-Go backend

	"github.com/unipair/unipair/internal/turns"
	"github.com/unipair/unipair/pkg/eval"
)

// fake is a faiss with the scores that it is given, whose searches take a second.
type fake struct {
	scores scores
	timed  int
}

func (f *fake) Ask(question, answer any) error {
	switch question.(request).Op {
	case "score":
		*answer.(*scores) = f.scores
	case "time":
		f.timed++
		*answer.(*struct{ Wall, CPU float64 }) = struct{ Wall, CPU float64 }{1, 2}
	}
	return nil
}

// Scores are compared, and then both take turns.
func TestMeasure(t *testing.T) {
	device, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	set := Clusters(200, 20)
	found, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{scores: scores{found.PrecisionAt1, found.MAPAtR}}
	length := turns.Length{Rounds: 2, Turn: time.Millisecond, Slow: time.Minute}
	row, err := measure(context.Background(), device, f, set, 20, length)
	if err != nil {
		t.Fatal(err)
	}
	if row.MAP != found.MAPAtR || row.Recall != found.PrecisionAt1 || row.L2.Median != row.Wall.Median {
		t.Errorf("row %+v", row)
	}
	if text := table([]Row{row}); !strings.Contains(text, "| 200 | 20 | ") {
		t.Errorf("table\n%s", text)
	}
	f.timed, f.scores.MAP = 0, f.scores.MAP+0.001
	if _, err := measure(context.Background(), device, f, set, 20, length); err == nil || f.timed > 0 {
		t.Errorf("another MAP@R: %v, timed %d times", err, f.timed)
	}
}
