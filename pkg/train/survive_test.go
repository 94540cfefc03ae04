package train_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

func TestTwoTrainingsInOneDirectory(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 2, 0
	var second error
	run(t, b, c, train.Options{Dir: dir, Progress: func(r train.Record) {
		_, second = train.Run(t.Context(), b, c, bars, train.Options{Dir: dir})
	}})
	if second == nil || !strings.Contains(second.Error(), "another training is writing into "+dir) {
		t.Errorf("a second training while the first runs: error %v", second)
	}
	run(t, b, c, train.Options{Dir: dir}) // the first has let go
}

// trainOnFullDisk names the directory in which this test program trains until its files may grow no more.
const trainOnFullDisk = "UNIPAIR_TEST_FULL_DISK"

// TestFullDisk breaks the writing of a checkpoint off in its middle, as a full disk does: by a limit on the size of a file, which
// a write fails at. The checkpoint before must stay, with no trace of the new one.
func TestFullDisk(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Steps, c.Warmup, c.Width = 4, 0, 8
	if dir := os.Getenv(trainOnFullDisk); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		_, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir, SaveEvery: 1, Progress: func(r train.Record) {
			if r.Step == 3 {
				if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 5000, Max: 5000}); err != nil {
					t.Fatal(err)
				}
			}
		}})
		if err == nil || !strings.Contains(err.Error(), "cannot write the checkpoint of step 3 into "+dir) || !errors.Is(err, syscall.EFBIG) {
			t.Fatal("error", err)
		}
		return
	}
	dir := t.TempDir()
	process := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
	process.Env = append(os.Environ(), trainOnFullDisk+"="+dir)
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	hasStep2(t, dir)
	goesOnFromStep2(t, b, c, dir)
}

// hasStep2 checks that a run's directory has the checkpoint of step 2, and nothing of one that was broken off.
func hasStep2(t *testing.T, dir string) {
	t.Helper()
	if m, err := train.ReadManifest(dir); err != nil || m.Step != 2 {
		t.Fatalf("step %d is there, want 2: %v", m.Step, err)
	}
	if partial, err := filepath.Glob(filepath.Join(dir, ".partial*")); err != nil || len(partial) > 0 {
		t.Errorf("left over: %v, %v", partial, err)
	}
}

// goesOnFromStep2 checks that a run ends as one without a break.
func goesOnFromStep2(t *testing.T, b compute.Backend, c train.Config, dir string) {
	t.Helper()
	whole, resumed := run(t, b, c, train.Options{}), run(t, b, c, train.Options{Dir: dir})
	if resumed.Resumed != 2 || !slices.Equal(embed(t, resumed.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("resumed after %d; the network must be that of a run without a break", resumed.Resumed)
	}
}

func TestHistoryOfARunThatGoesOn(t *testing.T) {
	b, dir, c := backendtest.Go(t), t.TempDir(), tiny()
	c.Steps, c.Warmup = 3, 0
	seen := 0
	run(t, b, c, train.Options{Dir: dir, Progress: func(r train.Record) {
		records, err := train.ReadHistory(dir)
		if err != nil || len(records) != r.Step || records[len(records)-1] != r {
			t.Errorf("after step %d the history has %d records: %v", r.Step, len(records), err)
		}
		seen++
	}})
	name := filepath.Join(dir, "history.jsonl")
	text, err := os.ReadFile(name)
	if err != nil || seen != 3 {
		t.Fatal(seen, err)
	}
	for _, damage := range []struct {
		text, want string
		records    int
	}{
		{string(text) + `{"step":4,"lo`, "", 3}, // a line on its way
		{string(text[:len(text)-1]), "", 2},
		{"x" + string(text), "history.jsonl line 1 is damaged", 0},
	} {
		if err := os.WriteFile(name, []byte(damage.text), 0o644); err != nil {
			t.Fatal(err)
		}
		records, err := train.ReadHistory(dir)
		if len(records) != damage.records || (err == nil) != (damage.want == "") || err != nil && !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%d records, %v; want %d, %q", len(records), err, damage.records, damage.want)
		}
	}
	c.Steps = 3
	if _, err := train.Run(t.Context(), b, c, bars, train.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "line 1 is damaged") {
		t.Errorf("resuming on a damaged history: error %v", err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if again := run(t, b, c, train.Options{Dir: dir}); again.Resumed != 3 || len(again.History) != 0 {
		t.Errorf("without its history: resumed after %d with %d records", again.Resumed, len(again.History))
	}
}

// TestStall trains on labels that say nothing, and into a point.
func TestStall(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Steps, c.LearningRate = 200, 1e-9
	_, err := train.Run(t.Context(), b, c, shuffled{bars}, train.Options{Dir: dir, Stall: 20})
	if err == nil || !strings.Contains(err.Error(), "has not come above s_n") || !strings.Contains(err.Error(), "whether the labels belong to the images") {
		t.Errorf("on shuffled labels: error %v", err)
	}
	if m, err := train.ReadManifest(dir); err != nil || m.Step < 20 || m.Step == 200 {
		t.Errorf("the step it was given up at is not kept: %+v, %v", m, err)
	}
	m, err := train.ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, again := train.Run(t.Context(), b, c, shuffled{bars}, train.Options{Dir: dir, Stall: 20, StallEnds: true})
	if _, is := errors.AsType[*train.Failure](again); !is || !strings.Contains(again.Error(), fmt.Sprintf("stopped at step %d: ", m.Step)) {
		t.Errorf("resumed where that ends it: error %v, want that of step %d", again, m.Step)
	}
	_, again = train.Run(t.Context(), b, c, shuffled{bars}, train.Options{Dir: dir, Stall: 20})
	if m, wrong := train.ReadManifest(dir); again == nil || wrong != nil || !strings.Contains(again.Error(), fmt.Sprintf("stopped at step %d: ", m.Step)) {
		t.Errorf("resumed, and asked to go on: error %v, at %+v, %v", again, m, wrong)
	}
	blank := blankSet{bars} // all images are one: whatever the network, so are their embeddings
	_, err = train.Run(t.Context(), b, c, blank, train.Options{Stall: 20})
	if err == nil || !strings.Contains(err.Error(), "all embeddings have been one point") {
		t.Errorf("on equal images: error %v", err)
	}
	if _, err := train.Run(t.Context(), b, tiny(), bars, train.Options{Stall: 15}); err != nil {
		t.Errorf("a run that learns is given up: %v", err)
	}
}

// shuffled is strokes whose labels have nothing to do with the images.
type shuffled struct{ strokes }

func (s shuffled) Label(i int) int { return i / s.perClass }

// blankSet is strokes whose images are all empty.
type blankSet struct{ strokes }

func (s blankSet) Image(int) (data.Image, error) {
	return data.Image{Width: s.size, Height: s.size, Pixels: make([]float32, s.size*s.size)}, nil
}

func TestValidation(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Classes, c.Steps = 3, 12
	c.Validation = train.Validation{Fraction: 0.4, Every: 5}
	whole := run(t, b, c, train.Options{})
	var asked []int
	best := train.Record{}
	for _, r := range whole.History {
		if r.Validation != (train.Metrics{}) {
			asked = append(asked, r.Step)
			if r.Validation.MAPAtR > best.Validation.MAPAtR {
				best = r
			}
		}
	}
	if !slices.Equal(asked, []int{5, 10, 12}) || whole.Best.Step != best.Step || whole.Best.Metrics != best.Validation {
		t.Errorf("validated after %v, best %+v, want 5, 10, 12 and %+v", asked, whole.Best, best)
	}

	dir := t.TempDir()
	ctx, options := interrupt(dir, 7)
	if _, err := train.Run(ctx, b, c, bars, options); err == nil {
		t.Fatal("was not interrupted")
	}
	resumed := run(t, b, c, train.Options{Dir: dir})
	if resumed.Best != whole.Best || !slices.Equal(embed(t, resumed.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("resumed: best %+v, want %+v and the same network", resumed.Best, whole.Best)
	}
	loaded, err := train.Load(b, dir)
	if err != nil || !slices.Equal(embed(t, loaded).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("the directory gives another network than the best: %v", err)
	}
}

// Validation with a set of its own is that with classes held out, if these are the set.
func TestValidationOnASetOfItsOwn(t *testing.T) {
	b, c := backendtest.Go(t), tiny()
	c.Classes, c.Steps = 3, 12
	c.Validation = train.Validation{Fraction: 0.4, Every: 5}
	whole := run(t, b, c, train.Options{})
	training, held, err := data.HoldOut(bars, 0.4, 0)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c.Validation = train.Validation{Every: 5}
	ctx, options := interrupt(dir, 7)
	options.Validation = held
	if _, err := train.Run(ctx, b, c, training, options); err == nil {
		t.Fatal("was not interrupted")
	}
	result, err := train.Run(t.Context(), b, c, training, train.Options{Dir: dir, Validation: held})
	if err != nil {
		t.Fatal(err)
	}
	if result.Resumed != 7 || result.Best != whole.Best || !slices.Equal(embed(t, result.Embedder).Embeddings, embed(t, whole.Embedder).Embeddings) {
		t.Errorf("resumed after %d, best %+v, want 7, %+v and the same network", result.Resumed, result.Best, whole.Best)
	}
	for i, r := range result.History {
		if r.Validation != whole.History[i].Validation {
			t.Errorf("step %d: %+v, want %+v", r.Step, r.Validation, whole.History[i].Validation)
		}
	}

	single := strokes{classes: 8, perClass: 1, size: 16}
	again := data.Subset(shuffled{bars}, held.Name(), func(c string) bool { return slices.Contains(held.Classes(), c) })
	for _, test := range []struct {
		name       string
		validation train.Validation
		own        data.Dataset
		want       string
	}{
		{
			"another set", c.Validation, bars,
			"validation_data is strokes, validation classes, not strokes; validation_data_classes is 3, not 8; validation_data_images is 18, not 48)",
		},
		{"no set any more", train.Validation{Fraction: 0.4, Every: 5}, nil, "validation_data is strokes, validation classes, not unset"},
		{"a set without pairs", c.Validation, single, "strokes has no class of more than one image"},
		{"two ways at once", train.Validation{Fraction: 0.4, Every: 5}, held, "by a fraction of the classes or by Options.Validation"},
		{"nothing to validate with", c.Validation, nil, "there is nothing to validate with"},
		{"another distance", train.Validation{}, held, "validation.every is 5, not 50"},
		{"the same images in another order", c.Validation, again, "its validation images are of other classes than before"},
	} {
		c.Validation = test.validation
		_, err := train.Run(t.Context(), b, c, training, train.Options{Dir: dir, Validation: test.own})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestEarlyStop(t *testing.T) {
	b, c, dir := backendtest.Go(t), tiny(), t.TempDir()
	c.Classes, c.Steps, c.LearningRate = 3, 100, 1e-12 // nothing changes but running moments
	c.Validation = train.Validation{Fraction: 0.4, Every: 2, Patience: 2}
	result := run(t, b, c, train.Options{Dir: dir})
	last := result.History[len(result.History)-1].Step
	if !result.Stopped || last != result.Best.Step+4 || result.Best.Worse != 2 {
		t.Errorf("stopped %v after %d steps, best %+v; want the second validation after the best", result.Stopped, last, result.Best)
	}
	again := run(t, b, c, train.Options{Dir: dir})
	if !again.Stopped || again.Resumed != last || len(again.History) != last {
		t.Errorf("the same again: resumed after %d, %d records, stopped %v", again.Resumed, len(again.History), again.Stopped)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, entry := range entries {
		kind, _, _ := strings.Cut(entry.Name(), "-")
		kinds[kind]++
	}
	if kinds["best"] != 1 || kinds["step"] != 1 {
		t.Errorf("the directory holds %v, want one best and one last checkpoint", kinds)
	}
}

func TestValidationRefuses(t *testing.T) {
	b := backendtest.Go(t)
	for _, test := range []struct {
		name       string
		validation train.Validation
		want       string
	}{
		{"all classes", train.Validation{Fraction: 1.5, Every: 1}, "must be in (0, 1), got 1.5"},
		{"a negative distance", train.Validation{Fraction: 0.5, Every: -1}, "at least 1 step apart, got -1"},
		{"a negative patience", train.Validation{Fraction: 0.5, Every: 1, Patience: -1}, "patience must be 0"},
		{"too few to validate with", train.Validation{Fraction: 0.1, Every: 1}, "leaves 1 to validate with"},
		{"too few to learn from", train.Validation{Fraction: 0.6, Every: 1}, "strokes, training classes has 3 classes, too few for batches"},
	} {
		c := tiny()
		c.Validation = test.validation
		if _, err := train.Run(t.Context(), b, c, bars, train.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
}
