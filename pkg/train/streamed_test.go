package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// A loss in blocks of the batch learns what it learns at once: by tiles of sums, and by rows with autodiff.
func TestStreamedLearnsTheSame(t *testing.T) {
	b := backendtest.Go(t)
	for _, loss := range []string{"circle", "margin"} {
		c := tiny()
		c.Loss, c.Steps, c.LearningRate = loss, 3, 1e-3
		want, got := run(t, b, c, train.Options{}).History, run(t, b, c, train.Options{Streamed: true}).History
		for i := range want {
			if want[i].Loss == 0 || !(math.Abs(got[i].Loss-want[i].Loss) <= 1e-4*math.Abs(want[i].Loss)) {
				t.Errorf("%s, step %d: loss %v in blocks, %v at once", loss, i+1, got[i].Loss, want[i].Loss)
			}
		}
	}
}

// What cannot be taken in blocks is refused where that is asked for.
func TestStreamedRefuses(t *testing.T) {
	for loss, want := range map[string]string{
		"histogram":  "it cannot be taken in blocks of rows",
		"am-softmax": "a loss in blocks of the batch is pair-wise",
	} {
		c := tiny()
		c.Loss = loss
		if _, err := train.Run(context.Background(), backendtest.Go(t), c, bars, train.Options{Streamed: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that says %q", loss, err, want)
		}
	}
}
