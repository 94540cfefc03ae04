package report

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/quick"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspace"
)

// times holds how many seconds notebooks took the last time on this machine, by their names, so that the next report can say how long it
// will take. It is a file of the workspace.
type times map[string]float64

func timesPath(w workspace.Workspace) string {
	name := "report-seconds.json"
	if quick.Asked() {
		name = "report-quick-seconds.json"
	}
	return filepath.Join(w.Root, repository.Workspace, name)
}

// readTimes returns what is known: nothing of a file that is not there or cannot be read, for an estimate is no reason to fail.
func readTimes(w workspace.Workspace) times {
	known := times{}
	content, err := file.Read(timesPath(w), mostSource)
	if err != nil || json.Unmarshal(content, &known) != nil {
		return times{}
	}
	return known
}

// keep adds what the notebooks took now.
func (t times) keep(w workspace.Workspace, of []Notebook, seconds []float64) error {
	for i, n := range of {
		t[n.Name] = seconds[i]
	}
	content, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return file.WriteBytes(timesPath(w), content)
}

// foretell says how long the notebooks will take, so many at once.
func (t times) foretell(of []Notebook, atOnce int) string {
	var sum, longest float64
	for _, n := range of {
		took, known := t[n.Name]
		if !known {
			return fmt.Sprintf("notebooks to run: %d, some of which take minutes; the next report on this machine will say how long", len(of))
		}
		sum, longest = sum+took, max(longest, took)
	}
	all := max(sum/float64(atOnce), longest)
	return fmt.Sprintf("notebooks to run: %d, which take about %s, going by the last time", len(of), progress.Words(time.Duration(all*float64(time.Second))))
}
