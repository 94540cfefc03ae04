package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// historyName is the file of a run's records in its directory, one JSON object a line.
const historyName = "history.jsonl"

// ReadHistory reads the records that a run has left in its directory, in order, also while it is running: a last line that is
// not yet whole is left out.
func ReadHistory(dir string) ([]Record, error) {
	name := filepath.Join(dir, historyName)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("train: history: %w", err)
	}
	var records []Record
	for len(text) > 0 {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			break
		}
		var record Record
		if err := json.Unmarshal(line, &record); err != nil {
			return records, fmt.Errorf("train: history: %s line %d is damaged: %w", name, len(records)+1, err)
		}
		records, text = append(records, record), rest
	}
	return records, nil
}

// journal is a history that is being written: a line a step, so that it can be watched, and forced to disk before a checkpoint
// refers to it.
type journal struct {
	dir  string
	file *os.File
}

// openJournal opens a directory's history to go on after a step, and returns the records up to it. What a killed run wrote
// after its last checkpoint is cut off.
func openJournal(dir string, step int) (journal, []Record, error) {
	name := filepath.Join(dir, historyName)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return journal{}, nil, fmt.Errorf("train: history: %w", err)
	}
	records, length, err := recordsUpTo(name, step)
	if err == nil {
		err = file.Truncate(length)
	}
	if err == nil {
		_, err = file.Seek(length, 0)
	}
	if err != nil {
		return journal{}, nil, fmt.Errorf("train: history: %w", errors.Join(err, file.Close()))
	}
	return journal{dir, file}, records, nil
}

// recordsUpTo returns the records of a history up to a step and how many bytes they take. Lines after it are not looked at: a
// kill may have left them in any state.
func recordsUpTo(name string, step int) (records []Record, length int64, err error) {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	for last := 0; last < step; {
		line, _, whole := bytes.Cut(text[length:], []byte("\n"))
		if !whole {
			break
		}
		var record Record
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, 0, fmt.Errorf("%s line %d is damaged: %w; move the file away to resume without it", name, len(records)+1, err)
		}
		if last = record.Step; last <= step {
			records, length = append(records, record), length+int64(len(line))+1
		}
	}
	return records, length, nil
}

// write appends a record.
func (j journal) write(r Record) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		return notWritten(fmt.Sprintf("the history of step %d", r.Step), j.dir, err)
	}
	return nil
}

// sync forces what was written to disk.
func (j journal) sync() error {
	if j.file == nil {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return notWritten("the history", j.dir, err)
	}
	return nil
}

func (j journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
