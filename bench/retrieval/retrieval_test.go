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

// Scores are compared, and then all take turns; the two of ours differ in how far they look alone.
func TestMeasure(t *testing.T) {
	device, err := compute.NewWithConfig("go")
	if err != nil {
		t.Fatal(err)
	}
	set := clusters(200, 20)
	found, err := eval.Retrieve(set, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{scores: scores{found.PrecisionAt1, found.MAPAtR}}
	length := turns.Length{Rounds: 2, Turn: time.Millisecond, Slow: time.Minute}
	rows, err := measure(context.Background(), device, f, set, 20, length)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].MAP != found.MAPAtR || rows[1].Recall != found.PrecisionAt1 || rows[0].L2.Median != rows[0].Wall.Median {
		t.Errorf("rows %+v", rows)
	}
	for _, want := range []string{"| 200 | 20 | the R nearest | ", "| 200 | 20 | all ranks | "} {
		if !strings.Contains(table(rows), want) {
			t.Errorf("no %q in\n%s", want, table(rows))
		}
	}
	f.timed, f.scores.MAP = 0, f.scores.MAP+0.001
	if _, err := measure(context.Background(), device, f, set, 20, length); err == nil || f.timed > 0 {
		t.Errorf("another MAP@R: %v, timed %d times", err, f.timed)
	}
}
