package train

import "github.com/unipair/unipair/pkg/train/internal/checkpoint"

// CanBegin returns an error, before any work, unless a run may write into a directory: its history, its checkpoints and the files
// that the caller keeps beside them. It names the first thing there that no run has written and that a run would write over. A directory
// that is not there yet, or whose checkpoint is to be resumed, is no error.
func CanBegin(dir string, beside ...string) error { return checkpoint.CanBegin(dir, beside...) }

// RemoveRun removes what runs have written into a directory: checkpoints, history and lock. What else lies there stays. The error is that
// of [CanBegin] where something is in the way that no run has written.
func RemoveRun(dir string) error { return checkpoint.RemoveRun(dir) }

// Copy makes a run's directory with nothing but the checkpoint of another that [Load] takes: a network to give away. It cannot be
// resumed where that is not the last of its run. What else lies in the checkpoint's folder is not copied.
func Copy(to, from string) error { return checkpoint.Copy(to, from) }

// WeightsSum returns the SHA-256 of the weights that [Load] takes from a run's directory, in hexadecimals. A copy of the run has the same.
func WeightsSum(dir string) (string, error) {
	path, err := checkpoint.ToUse(dir)
	if err != nil {
		return "", err
	}
	return checkpoint.SumOfValues(path)
}
