package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
)

// historyName is the file of a run's records in its directory, one JSON object a line.
const (
	historyName    = "history.jsonl"
	longestRecord  = 1 << 16 // bytes; they are some 500
	largestHistory = 4 << 30 // some 8 million steps
)

// ReadHistory reads the records that a run has left in its directory, in order, also while it is running: a last line that is
// not yet whole is left out.
func ReadHistory(dir string) ([]Record, error) {
	name := filepath.Join(dir, historyName)
	opened, err := file.Open(name)
	if err != nil {
		return nil, fmt.Errorf("train: history: %w", err)
	}
	records, _, err := readRecords(opened, math.MaxInt)
	if err = errors.Join(err, opened.Close()); err != nil {
		return records, fmt.Errorf("train: history: %s %w", name, err)
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
	opened, err := file.Update(name)
	if err != nil {
		return journal{}, nil, fmt.Errorf("train: history: %w", err)
	}
	records, length, err := readRecords(opened, step)
	if err != nil {
		err = fmt.Errorf("%s %w; move the file away to resume without it", name, err)
	} else {
		err = opened.Truncate(length)
	}
	if err == nil {
		_, err = opened.Seek(length, io.SeekStart)
	}
	if err != nil {
		return journal{}, nil, fmt.Errorf("train: history: %w", errors.Join(err, opened.Close()))
	}
	return journal{dir, opened}, records, nil
}

// readRecords returns the records of a history up to a step and how many bytes they take. Lines after it are not looked at: a
// kill may have left them in any state. A line that is no record of a step after that before is an error.
func readRecords(history *os.File, step int) (records []Record, length int64, err error) {
	info, err := history.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.Size() > largestHistory {
		return nil, 0, fmt.Errorf("has more than %s: it is %w", file.Size(largestHistory), file.ErrTooLarge)
	}
	lines := bufio.NewReaderSize(history, longestRecord)
	for last := 0; last < step; {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			break
		}
		var record Record
		if err == nil {
			err = strictjson.UnmarshalSome(line, &record)
		} else if errors.Is(err, bufio.ErrBufferFull) {
			err = fmt.Errorf("it has more than %s", file.Size(longestRecord))
		}
		if err == nil && record.Step <= last {
			err = fmt.Errorf("it is of step %d, after step %d", record.Step, last)
		}
		if err != nil {
			return records, length, fmt.Errorf("line %d is damaged: %w", len(records)+1, err)
		}
		if last = record.Step; last <= step {
			records, length = append(records, record), length+int64(len(line))
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
