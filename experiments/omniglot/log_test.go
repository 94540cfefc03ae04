package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// own returns all of a value, for comparing.
func own(value any) string { return fmt.Sprintf("%T%+v", value, value) }

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// logOf returns a log with some lines.
func logOf(t *testing.T, entries ...entry) *journal {
	t.Helper()
	j, err := openJournal(filepath.Join(t.TempDir(), "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.close() }) // a test may have closed it
	for _, e := range entries {
		if err := j.append(e); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func keyOf(seed uint64) key {
	return key{Phase: testPhase, setting: setting{"circle", "gamma=80", 3e-3}, Seed: seed, Steps: 300}
}

func TestLogGoesOnWhereItWas(t *testing.T) {
	whole := func(seed uint64) string {
		line, err := json.Marshal(entry{key: keyOf(seed)})
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}
	for _, test := range []struct {
		name, text string
		measured   []uint64 // the seeds that are not measured again
		damaged    bool
	}{
		{name: "no file"},
		{name: "one line", text: whole(0) + "\n", measured: []uint64{0}},
		{name: "a torn last line", text: whole(0) + "\n" + whole(1)[:20], measured: []uint64{0}},
		{name: "a last line without its end", text: whole(0) + "\n" + whole(1), measured: []uint64{0}},
		{name: "nothing but a torn line", text: whole(0)[:1]},
		{name: "a torn line in the middle", text: whole(0)[:20] + "\n" + whole(1) + "\n", damaged: true},
	} {
		name := filepath.Join(t.TempDir(), "log.jsonl")
		if test.name != "no file" {
			if err := os.WriteFile(name, []byte(test.text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		j, err := openJournal(name)
		if test.damaged {
			if err == nil || !strings.Contains(err.Error(), "line 1 is damaged") {
				t.Errorf("%s: error %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var done []uint64
		for _, seed := range []uint64{0, 1} {
			if err := j.once(keyOf(seed), func() (scores, error) {
				done = append(done, seed)
				return scores{OneShotError: 0.125, Runs: []float64{0, 0.25}}, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if len(done)+len(test.measured) != 2 || len(done) > 0 && done[0] < uint64(len(test.measured)) {
			t.Errorf("%s: %v are measured, and %v were there", test.name, done, test.measured)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		again, err := readJournal(name)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		equal(t, again.entries, j.entries)
		if e, _ := again.find(keyOf(1)); len(e.Runs) != 2 || e.Date == "" || e.Machine == "" || e.Commit == "" {
			t.Errorf("%s: the line says only %+v", test.name, e)
		}
	}
}

func TestWhatFailsIsNotLogged(t *testing.T) {
	j := logOf(t)
	broken := errors.New("interrupted")
	if err := j.once(keyOf(0), func() (scores, error) { return scores{}, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if len(j.entries) > 0 {
		t.Errorf("it has %v", j.entries)
	}
}

func TestLogHasOneWriter(t *testing.T) {
	j := logOf(t)
	if _, err := openJournal(j.name); err == nil || !strings.Contains(err.Error(), "another program writes") {
		t.Errorf("error %v", err)
	}
	if _, err := readJournal(j.name); err != nil {
		t.Error(err)
	}
}
