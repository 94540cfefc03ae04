package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
)

// mostLoad says how busy a machine may be, per processor, to be measured on. Building this program is forgotten within [patience].
const mostLoad = 0.25

// unknownLoad stands for the load average of a system that does not say it.
const unknownLoad = -1

// patience says how long [All] waits for a load average to fall.
const patience = 3 * time.Minute

// readLoad returns the load average of the last minute, or unknownLoad where the system does not say it.
func readLoad() (float64, error) {
	text, err := file.Read("/proc/loadavg", 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return unknownLoad, nil
	}
	var load float64
	if err == nil {
		first, _, _ := strings.Cut(string(text), " ")
		load, err = strconv.ParseFloat(first, 64)
	}
	if err != nil {
		return 0, fmt.Errorf("bench: the load average: %w", err)
	}
	return load, nil
}

// idle waits until the machine does little, and returns its load average; an error if that takes longer than a time.
func (c Config) idle(ctx context.Context, read func() (float64, error), longest time.Duration) (float64, error) {
	limit := mostLoad * float64(runtime.NumCPU())
	for begin := time.Now(); ; {
		load, err := read()
		switch {
		case err != nil:
			return 0, err
		case load <= limit: // unknownLoad too
			return load, nil
		case time.Since(begin) >= longest:
			return 0, fmt.Errorf("bench: the machine is busy: its load average is %.2f, and at most %.2f is measured on: "+
				"end what else computes, or take the numbers for those of a busy machine, --busy", load, limit)
		}
		c.Progress(fmt.Sprintf("the load average is %.2f: waits for it to fall to %.2f", load, limit))
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(min(15*time.Second, longest)):
		}
	}
}
