package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
)

// key tells measurements apart: what has the same key is not done again.
type key struct {
	Phase  string `json:"phase"`
	Recipe string `json:"recipe,omitempty"`
	setting
	Seed  uint64 `json:"seed"`
	Steps int    `json:"steps"`
}

// scores holds what was measured, fractions of 1.
type scores struct {
	OneShotError    float64     `json:"one_shot_error,omitempty"`
	Runs            []float64   `json:"errors_of_the_runs,omitempty"`
	Interval        *[2]float64 `json:"one_shot_interval_95,omitempty"` // over the runs
	PrecisionAt1    float64     `json:"precision_at_1,omitempty"`
	MAPAtR          float64     `json:"map_at_r,omitempty"`
	RetrievalOn     string      `json:"retrieval_on,omitempty"`
	TrainingSeconds float64     `json:"training_seconds,omitempty"` // where the measurement is not the training itself
	Error           string      `json:"error,omitempty"`            // the diagnosis of a training that ended with one; its scores are the worst
}

// entry is a line of a log.
type entry struct {
	key
	scores
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Date       string  `json:"date"`
	Machine    string  `json:"machine"`
	Commit     string  `json:"commit"` // with a + where Go files differ from it
}

// journal is a log, one JSON object a line, that is held while a program writes it.
type journal struct {
	entries []entry
	name    string
	length  int64 // bytes of whole lines
	lock    *flock.Flock
	commit  string
}

// readJournal reads a log; one that is not there is empty. A last line without an end was cut off by a kill, and is left out.
func readJournal(name string) (*journal, error) {
	text, err := file.Read(name, 1<<28)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	j := &journal{name: name}
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return j, nil
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s line %d is damaged: %w; take the line out to go on without it", name, len(j.entries)+1, err)
		}
		j.entries, j.length, text = append(j.entries, e), j.length+int64(len(line))+1, rest
	}
}

// openJournal reads a log to go on with it, and holds it.
func openJournal(name string) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	lock := flock.New(name, flock.SetPermissions(0o644))
	free, err := lock.TryLock()
	if err == nil && !free {
		err = fmt.Errorf("another program writes %s: wait for it, or give another -log", name)
	}
	if err != nil {
		return nil, err
	}
	j, err := readJournal(name)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	j.lock, j.commit = lock, results.Commit(".")
	return j, nil
}

func (j *journal) close() error { return j.lock.Close() }

func (j *journal) find(k key) (entry, bool) {
	i := slices.IndexFunc(j.entries, func(e entry) bool { return e.key == k })
	if i < 0 {
		return entry{}, false
	}
	return j.entries[i], true
}

// once returns what the log has of a key. If it has nothing, it measures and logs that.
func (j *journal) once(k key, measure func() (scores, error)) error {
	if _, done := j.find(k); done {
		return nil
	}
	start, processors := time.Now(), turns.ProcessorTime()
	found, err := measure()
	if err != nil {
		return err
	}
	_, line := backend.Choose()
	date, machine, _ := strings.Cut(results.Machine(line), ", ")
	e := entry{
		key: k, scores: found, Seconds: tenths(time.Since(start).Seconds()), CPUSeconds: tenths(turns.ProcessorTime() - processors),
		Date: date, Machine: machine, Commit: j.commit,
	}
	fmt.Fprintln(os.Stderr, e)
	return j.append(e)
}

// append writes an entry over what may be left of a line that was cut off.
func (j *journal) append(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	opened, err := file.Update(j.name)
	if err != nil {
		return err
	}
	err = opened.Truncate(j.length)
	if err == nil {
		_, err = opened.WriteAt(line, j.length)
	}
	if err == nil {
		err = opened.Sync()
	}
	if err := errors.Join(err, opened.Close()); err != nil {
		return err
	}
	j.entries, j.length = append(j.entries, e), j.length+int64(len(line))
	return nil
}

// String returns a line for who watches.
func (e entry) String() string {
	name := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", e.Phase, e.Recipe, e.Loss, e.Set)), " ")
	if e.LearningRate > 0 {
		name += fmt.Sprintf(" at %g", e.LearningRate)
	}
	text := fmt.Sprintf("%s, seed %d: ", name, e.Seed)
	if e.Error != "" {
		return text + e.Error
	}
	if e.OneShotError > 0 {
		text += fmt.Sprintf("one-shot error %.2f %%, ", 100*e.OneShotError)
	}
	return text + fmt.Sprintf("precision@1 %.1f %%, MAP@R %.1f %%, %.0f s", 100*e.PrecisionAt1, 100*e.MAPAtR, e.Seconds)
}

// about says when, on what and of which commits the entries are that belong to a table.
func about(j *journal, belongs func(entry) bool) string {
	var dates, machines, commits []string
	for _, e := range j.entries {
		if belongs(e) {
			dates, machines, commits = append(dates, e.Date), append(machines, e.Machine), append(commits, e.Commit)
		}
	}
	if len(dates) == 0 {
		return "nothing is measured yet"
	}
	slices.Sort(dates)
	when := dates[0]
	if last := dates[len(dates)-1]; last != when {
		when += " to " + last
	}
	return fmt.Sprintf("%s, %s; commit %s", when, strings.Join(distinct(machines), "; "), strings.Join(distinct(commits), ", "))
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func tenths(x float64) float64 { return float64(int(10*x+0.5)) / 10 }
