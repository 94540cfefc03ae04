package train_test

import (
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/eval"
	"github.com/unipair/unipair/pkg/train"
)

func TestEpisodes(t *testing.T) {
	e, err := train.NewEmbedder(backendtest.Go(t), tiny().Network, 1)
	if err != nil {
		t.Fatal(err)
	}
	var run data.OneShotRun
	for i := range 4 {
		image, err := bars.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		run.Training = append(run.Training, image)
	}
	run.Answer = []int{2, 0, 3, 1}
	for _, answer := range run.Answer { // each test image is its training image
		run.Test = append(run.Test, run.Training[answer])
	}
	wrong := run
	wrong.Answer = []int{0, 2, 3, 1} // two of four
	episodes, err := e.Episodes([]data.OneShotRun{run, wrong})
	if err != nil {
		t.Fatal(err)
	}
	got, err := eval.ClassifyOneShot(episodes)
	if err != nil || got.Runs[0] != 0 || got.Runs[1] != 0.5 {
		t.Errorf("errors of the runs %v, %v, want 0 and 0.5", got.Runs, err)
	}
	run.Answer = run.Answer[:3]
	if _, err := e.Episodes([]data.OneShotRun{run}); err == nil || !strings.Contains(err.Error(), "4 test images and 3 answers") {
		t.Errorf("an answer too few: error %v", err)
	}
}
