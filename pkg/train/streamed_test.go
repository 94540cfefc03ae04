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
		want := run(t, b, c, train.Options{}).History
		c.Streamed = true
		got := run(t, b, c, train.Options{}).History
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
		c.Loss, c.Streamed = loss, true
		if _, err := train.Run(context.Background(), backendtest.Go(t), c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error that says %q", loss, err, want)
		}
	}
}

// The history of a large batch is of its first images, so that a streamed step needs no matrix of all pairs.
func TestHistoryOfALargeBatch(t *testing.T) {
	c := tiny()
	c.Steps, c.Warmup, c.Classes, c.PerClass = 1, 0, 4, 300
	whole := run(t, backendtest.XLA(t), c, train.Options{}).History[0]
	c.Streamed = true
	blocks := run(t, backendtest.XLA(t), c, train.Options{}).History[0]
	if whole.Positive == (train.Summary{}) || whole.Negative == (train.Summary{}) || !(whole.Recall > 0 && whole.Recall <= 1) {
		t.Errorf("1200 images: %+v", whole)
	}
	if math.Abs(whole.Positive.Mean-blocks.Positive.Mean) > 1e-5 || math.Abs(whole.Recall-blocks.Recall) > 0.01 {
		t.Errorf("s_p %g, recall %g at once and %g, %g in blocks", whole.Positive.Mean, whole.Recall, blocks.Positive.Mean, blocks.Recall)
	}
}
