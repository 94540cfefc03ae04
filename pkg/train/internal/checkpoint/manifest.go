package checkpoint

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
)

const (
	manifestName = "manifest.json"

	// Format is that of the checkpoints which this package writes and reads.
	Format = 1

	// largestManifest is enough for the names of a million classes.
	largestManifest = 64 << 20
)

// What to do about a checkpoint that cannot be used. There is none before it: it went when this one was whole.
const (
	ifDamaged = "bring back a copy of it, or train again into another directory"
	ifAnother = "give the network that was trained, use the program that wrote it, or train again into another directory"
)

// header holds what of a manifest the checkpoint itself is read by.
type header struct {
	Format int       `json:"format"`
	Step   int       `json:"step"`
	Sums   file.Sums `json:"sha256"` // of all files, the manifest's own included; none in a checkpoint from before they were kept
}

// ReadManifest reads the manifest of a checkpoint into m, when it is as it was written.
func ReadManifest(path string, m any) error {
	text, err := file.Read(filepath.Join(path, manifestName), largestManifest)
	if err != nil { // not wrapped: a checkpoint without a manifest is not a directory without a checkpoint
		return damaged(path, "%v", err)
	}
	var h header
	if err := strictjson.UnmarshalSome(text, &h); err != nil {
		return damaged(path, "%s: %w", manifestName, err)
	}
	if h.Format == 0 {
		return damaged(path, "%s names no format", manifestName)
	}
	if h.Format != Format {
		return fmt.Errorf("train: checkpoint %s has format %d, this program reads %d: use the program that wrote it", path, h.Format, Format)
	}
	if err := strictjson.UnmarshalSome(text, m); err != nil {
		return damaged(path, "%s: %w", manifestName, err)
	}
	if len(h.Sums) > 0 && !file.Sealed(text, h.Sums[manifestName]) {
		return damaged(path, "%s is %w", manifestName, file.ErrChanged)
	}
	if name := ownFolder.FindStringSubmatch(filepath.Base(path)); name != nil && name[3] != fmt.Sprintf("%08d", h.Step) {
		return damaged(path, "%s says that it is of step %d", manifestName, h.Step)
	}
	return nil
}

// damaged says what is wrong with a checkpoint, and what to do.
func damaged(path, format string, args ...any) error {
	return fmt.Errorf("train: checkpoint %s is damaged (%w): %s", path, fmt.Errorf(format, args...), ifDamaged)
}

// Fits returns an error where a manifest could not be read again once it is written.
func Fits(manifest func(file.Sums) any) error {
	_, err := seal(manifest(file.Sums{manifestName: file.NoSum}))
	return err
}

// seal returns a manifest as it is written. The error is that for one which could not be read again.
func seal(manifest any) ([]byte, error) {
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err == nil && len(text) >= largestManifest {
		err = fmt.Errorf("train: the names of the classes take more than %s: give them shorter ones", file.Size(largestManifest))
	}
	return file.Seal(append(text, '\n')), err
}
