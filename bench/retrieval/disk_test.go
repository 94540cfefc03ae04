package retrieval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/backend"
)

// Both ways give the same scores, and say what they took.
func TestServeDisk(t *testing.T) {
	t.Setenv(backend.Variable, "go")
	dir := t.TempDir()
	task := diskTask{References: filepath.Join(dir, "references.npy"), Queries: filepath.Join(dir, "queries.npy")}
	const n = 2000
	for _, err := range []error{writeSet(task.References, n, 0), writeSet(task.Queries, n/perQuery, perQuery)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var rows []DiskRow
	for _, task.InMemory = range []bool{false, true} {
		question, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := ServeDisk(bytes.NewReader(question), &out); err != nil {
			t.Fatal(err)
		}
		row := DiskRow{Queries: n / perQuery, References: n, How: fmt.Sprint(task.InMemory)}
		if err := json.Unmarshal(out.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if rows[0].Recall != rows[1].Recall || rows[0].MAP != rows[1].MAP || !(rows[0].MAP > 0.1 && rows[0].MAP < 1 && rows[0].Peak > 0) {
		t.Errorf("%+v", rows)
	}
	if text := diskTable(append(rows, DiskRow{How: "in memory", Skipped: "needs 4 GB"})); strings.Count(text, "\n| ") != 3 ||
		!strings.Contains(text, "| 20 | 2000 | false | ") || !strings.Contains(text, "in memory: needs 4 GB | – ") {
		t.Errorf("table\n%s", text)
	}
	task.References += "x"
	question, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := ServeDisk(bytes.NewReader(question), &out); err != nil || !strings.Contains(out.String(), `"error":`) {
		t.Errorf("%s, %v", out.String(), err)
	}
	if _, err := Disk(t.Context(), DiskConfig{Sizes: []int{150}}); err == nil || !strings.Contains(err.Error(), "got 150") {
		t.Errorf("got %v", err)
	}
}
