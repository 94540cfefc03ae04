package main

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/journal"
)

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// logOf returns a log with some lines.
func logOf(t *testing.T, entries ...entry) *logFile {
	t.Helper()
	j, err := openLog(filepath.Join(t.TempDir(), "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // a test may have closed it
	for _, e := range entries {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func keyOf(seed uint64) key {
	return key{Phase: alonePhase, Recipe: "omniglot-35", Seed: seed, Steps: 300}
}

func TestLoggedOnce(t *testing.T) {
	j, times := logOf(t), map[uint64]int{}
	for _, seed := range []uint64{0, 1, 0} {
		measured := false
		if err := j.once(keyOf(seed), func() (scores, error) {
			measured = true
			return scores{OneShotError: 0.125}, nil
		}); err != nil {
			t.Fatal(err)
		}
		times[seed]++
		if measured != (times[seed] == 1) {
			t.Errorf("seed %d, asked for the %d. time, is measured: %v", seed, times[seed], measured)
		}
	}
	if e, _ := j.find(keyOf(1)); len(j.Entries) != 2 || e.OneShotError != 0.125 || e.Date == "" || e.Machine == "" || e.Commit == "" {
		t.Errorf("the line says only %+v", e)
	}
}

func TestWhatFailsIsNotLogged(t *testing.T) {
	j := logOf(t)
	broken := errors.New("interrupted")
	if err := j.once(keyOf(0), func() (scores, error) { return scores{}, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if len(j.Entries) > 0 {
		t.Errorf("it has %v", j.Entries)
	}
}

func TestLogHasOneWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log.jsonl")
	j, err := openLog(name)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := openLog(name); err == nil || !strings.Contains(err.Error(), "give another -log") {
		t.Errorf("error %v", err)
	}
}

// newLog returns a log of entries without a file.
func newLog(entries ...entry) *logFile {
	return &logFile{Journal: &journal.Journal[entry]{Entries: entries}}
}
