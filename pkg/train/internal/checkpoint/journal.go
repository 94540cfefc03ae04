package checkpoint

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
)

// historyName is the file of a run's records in its directory, one JSON object per line.
const (
	historyName    = "history.jsonl"
	longestRecord  = 1 << 16 // bytes; they are some 500
	largestHistory = 4 << 30 // some 8 million steps
)

// Take takes a line of a history and returns the step that it is of, which is after that of the line before.
type Take func(line []byte) (step int, err error)

// ReadHistory gives the lines of a run's history, in order, also while it is running: a last line that is not yet whole is left out.
func ReadHistory(dir string, take Take) error {
	name := filepath.Join(dir, historyName)
	opened, err := file.Open(name)
	if err != nil {
		return fmt.Errorf("train: history: %w", err)
	}
	_, err = readLines(opened, math.MaxInt, take)
	if err = errors.Join(err, opened.Close()); err != nil {
		return fmt.Errorf("train: history: %s %w", name, err)
	}
	return nil
}

// Journal is a history that is being written: a line per step, so that it can be watched, and forced to disk before a checkpoint
// refers to it. The zero Journal keeps nothing.
type Journal struct {
	dir  string
	file *os.File
}

// OpenJournal opens a directory's history to go on after a step, and gives its lines up to it. What a killed run wrote after its last
// checkpoint is cut off.
func OpenJournal(dir string, step int, take Take) (Journal, error) {
	name := filepath.Join(dir, historyName)
	opened, err := file.Update(name)
	if err != nil {
		return Journal{}, fmt.Errorf("train: history: %w", err)
	}
	length, err := readLines(opened, step, take)
	if err != nil {
		err = fmt.Errorf("%s %w; move the file away to resume without it", name, err)
	} else {
		err = opened.Truncate(length)
	}
	if err == nil {
		_, err = opened.Seek(length, io.SeekStart)
	}
	if err != nil {
		return Journal{}, fmt.Errorf("train: history: %w", errors.Join(err, opened.Close()))
	}
	return Journal{dir, opened}, nil
}

// readLines gives the lines of a history up to a step, and returns how many bytes they have. Lines after it are not looked at: a
// kill may have left them in any state.
func readLines(history *os.File, step int, take Take) (length int64, err error) {
	info, err := history.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() > largestHistory {
		return 0, fmt.Errorf("has more than %s: it is %w", file.Size(largestHistory), file.ErrTooLarge)
	}
	lines := bufio.NewReaderSize(history, longestRecord)
	for last, number := 0, 1; last < step; number++ {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			break
		}
		of := 0
		if err == nil {
			of, err = take(line)
		} else if errors.Is(err, bufio.ErrBufferFull) {
			err = fmt.Errorf("it has more than %s", file.Size(longestRecord))
		}
		if err != nil {
			return length, fmt.Errorf("line %d is damaged: %w", number, err)
		}
		if last = of; last <= step {
			length += int64(len(line))
		}
	}
	return length, nil
}

// Write appends the record of a step.
func (j Journal) Write(step int, record any) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(record)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		return notWritten(fmt.Sprintf("the history of step %d", step), j.dir, err)
	}
	return nil
}

// Sync forces what was written to disk.
func (j Journal) Sync() error {
	if j.file == nil {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return notWritten("the history", j.dir, err)
	}
	return nil
}

// Close closes the history.
func (j Journal) Close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
