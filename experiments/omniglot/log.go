package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/journal"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
)

// key tells measurements apart: what has the same key is not done again.
type key struct {
	Phase  string `json:"phase"`
	Recipe string `json:"recipe,omitempty"`
	Set    string `json:"set,omitempty"` // the variant
	Seed   uint64 `json:"seed"`
	Steps  int    `json:"steps"`
}

// scores holds what was measured, fractions of 1.
type scores struct {
	OneShotError    float64     `json:"one_shot_error,omitempty"`
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

// logFile is a journal of measurements; one that is open for writing knows the commit that they are of.
type logFile struct {
	*journal.Journal[entry]
	commit string
}

// readLog reads a log.
func readLog(name string) (*logFile, error) {
	read, err := journal.Read[entry](name)
	return &logFile{Journal: read}, err
}

// openLog reads a log to go on with it, and holds it.
func openLog(name string) (*logFile, error) {
	opened, err := journal.Open[entry](name)
	if errors.Is(err, journal.ErrHeld) {
		err = fmt.Errorf("%w: wait for it, or give another -log", err)
	}
	return &logFile{opened, results.Commit(".")}, err
}

func (j *logFile) find(k key) (entry, bool) {
	i := slices.IndexFunc(j.Entries, func(e entry) bool { return e.key == k })
	if i < 0 {
		return entry{}, false
	}
	return j.Entries[i], true
}

// once returns what the log has of a key. If it has nothing, it measures and logs that.
func (j *logFile) once(k key, measure func() (scores, error)) error {
	if _, done := j.find(k); done {
		return nil
	}
	start, processors := time.Now(), turns.ProcessorTime()
	found, err := measure()
	if err != nil {
		return err
	}
	_, line := backend.Choose()
	date, machine := machine(line)
	e := entry{
		key: k, scores: found, Seconds: tenths(time.Since(start).Seconds()), CPUSeconds: tenths(turns.ProcessorTime() - processors),
		Date: date, Machine: machine, Commit: j.commit,
	}
	fmt.Fprintln(os.Stderr, e)
	return j.Append(e)
}

// String returns a line for who watches.
func (e entry) String() string {
	name := strings.Join(strings.Fields(e.Phase+" "+e.Recipe+" "+e.Set), " ")
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
func about(j *logFile, belongs func(entry) bool) string {
	var dates, machines, commits []string
	for _, e := range j.Entries {
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

// machine returns when and on what is measured, by the line of the backend.
func machine(line string) (date, machine string) {
	date, machine, _ = strings.Cut(results.Machine(line), ", ")
	return date, machine
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func tenths(x float64) float64 { return float64(int(10*x+0.5)) / 10 }
