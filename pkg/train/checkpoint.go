package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
	"github.com/unipair/unipair/pkg/data"
)

// A run's directory holds history.jsonl and a directory step-00000700 with the checkpoint of that step: manifest.json and
// GoMLX's own files. If the run validates, best-00000650 is the checkpoint that did best. A checkpoint is written under a
// temporary name, forced to disk and renamed; only then is the one before removed. Whenever the program is killed, the newest
// directory of each kind is whole. What else is in the directory is the user's, see owned.go.
const (
	manifestName  = "manifest.json"
	stepPrefix    = "step-"
	bestPrefix    = "best-"
	partialPrefix = ".partial-"
	formatVersion = 1

	// largestManifest is enough for the names of a million classes.
	largestManifest = 64 << 20
)

// What to do about a checkpoint that cannot be used. There is none before it: it went when this one was whole.
const (
	ifDamaged = "bring back a copy of it, or train again into another directory"
	ifAnother = "give the network that was trained, use the program that wrote it, or train again into another directory"
)

// Manifest says what a checkpoint is of.
type Manifest struct {
	Format int    `json:"format"`
	Config Config `json:"config"`
	Content
	Validated Content  `json:"validation_data,omitzero"`  // where it is a set of its own, [Options].Validation
	Trained   []string `json:"trained_classes,omitempty"` // the names of those it learns from: others are new to it
	Step      int      `json:"step"`                      // steps done
	Best      Best     `json:"best,omitzero"`
	Stopped   bool     `json:"stopped,omitempty"` // early, before all steps, because validation no longer improved
	// Sums are those of all files of the checkpoint, the manifest's own included; a checkpoint from before they were kept has none. It is
	// the last field: see [file.Seal].
	Sums file.Sums `json:"sha256,omitempty"`
}

// Content is what a run must find again of a data set when it is resumed. The pictures themselves are not compared.
type Content struct {
	Data    string `json:"data"`                  // the name of the data set
	Classes int    `json:"data_classes"`          // how many classes it has
	Images  int    `json:"data_images,omitempty"` // and images; 0 in a checkpoint from before they were counted
	Labels  string `json:"data_labels,omitempty"` // a checksum of the classes' names and of each image's class
}

// contentOf returns what a set holds.
func contentOf(set data.Dataset) Content {
	sum := fnv.New64a()
	for _, class := range set.Classes() {
		fmt.Fprintf(sum, "%q\n", class)
	}
	for i := range set.Len() {
		fmt.Fprintln(sum, set.Label(i))
	}
	return Content{set.Name(), len(set.Classes()), set.Len(), fmt.Sprintf("%016x", sum.Sum64())}
}

// ReadManifest returns what the newest checkpoint of a run's directory is of. The error wraps [fs.ErrNotExist] if there is
// none.
func ReadManifest(dir string) (Manifest, error) {
	path, err := newest(dir, stepPrefix)
	if errors.Is(err, fs.ErrNotExist) {
		path, err = toUse(dir) // a network that was given away may be the best of its run alone
	}
	if err != nil {
		return Manifest{}, err
	}
	return manifestOf(path)
}

// manifestOf reads the manifest of a checkpoint, and checks that it is as it was written.
func manifestOf(path string) (Manifest, error) {
	var m Manifest
	text, err := file.Read(filepath.Join(path, manifestName), largestManifest)
	if err != nil { // not wrapped: a checkpoint without a manifest is not a directory without a checkpoint
		return m, damaged(path, "%v", err)
	}
	if err := strictjson.UnmarshalSome(text, &m); err != nil {
		return m, damaged(path, "%s: %w", manifestName, err)
	}
	if m.Format == 0 {
		return m, damaged(path, "%s names no format", manifestName)
	}
	if m.Format != formatVersion {
		return m, fmt.Errorf("train: checkpoint %s has format %d, this program reads %d: use the program that wrote it", path, m.Format, formatVersion)
	}
	if len(m.Sums) > 0 && !file.Sealed(text, m.Sums[manifestName]) {
		return m, damaged(path, "%s is %w", manifestName, file.ErrChanged)
	}
	if name := ownFolder.FindStringSubmatch(filepath.Base(path)); name != nil && name[3] != fmt.Sprintf("%08d", m.Step) {
		return m, damaged(path, "%s says that it is of step %d", manifestName, m.Step)
	}
	if err := m.Config.Network.complete(); err != nil {
		return m, fmt.Errorf("train: checkpoint %s: %w", path, err)
	}
	m.Config.Network = m.Config.Network.asTrained(m.Data)
	return m, nil
}

// damaged says what is wrong with a checkpoint, and what to do.
func damaged(path, format string, args ...any) error {
	return fmt.Errorf("train: checkpoint %s is damaged (%w): %s", path, fmt.Errorf(format, args...), ifDamaged)
}

// newest returns the newest checkpoint of a kind in a run's directory.
func newest(dir, kind string) (string, error) {
	all, err := ownedBy(dir)
	if err != nil {
		return "", err
	}
	path, step := "", -1
	for _, o := range all {
		if info, err := os.Stat(o.path); o.kind == kind && !o.partial && o.step > step && err == nil && info.IsDir() {
			path, step = o.path, o.step
		}
	}
	if step < 0 {
		return "", fmt.Errorf("train: %s holds no checkpoint (%w): give the directory that `unipair train --out` wrote", dir, fs.ErrNotExist)
	}
	return path, nil
}

// toUse returns the checkpoint of a run's directory that is to be used: the best where the run validates, else the newest.
func toUse(dir string) (string, error) {
	best, err := newest(dir, bestPrefix)
	if errors.Is(err, fs.ErrNotExist) {
		return newest(dir, stepPrefix)
	}
	return best, err
}

// save writes a checkpoint of all variables of the store and removes older ones of its kind.
func save(dir, prefix string, store *model.Store, m Manifest) error {
	final := filepath.Join(dir, fmt.Sprintf("%s%08d", prefix, m.Step))
	if _, err := os.Stat(final); err == nil {
		return nil // a step is the same whenever it is reached
	}
	partial := filepath.Join(dir, partialPrefix+filepath.Base(final)) // the run's alone: it holds the directory
	err := os.Mkdir(partial, 0o777)
	if err == nil {
		err = saveAll(partial, store, m)
		if err == nil {
			err = os.Rename(partial, final)
		}
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}
	if err != nil {
		return notWritten(fmt.Sprintf("the checkpoint of step %d", m.Step), dir, err)
	}
	if err := file.SyncNames(dir); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return clear(dir, prefix, final)
}

// saveAll writes the files of a checkpoint into its folder and forces them to disk.
func saveAll(dir string, store *model.Store, m Manifest) error {
	if err := saveVariables(dir, store); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	m.Sums = file.Sums{}
	for _, entry := range entries {
		err = errors.Join(err, m.Sums.Add(dir, entry.Name()))
	}
	text, tooMuch := m.text()
	if err := errors.Join(err, tooMuch); err != nil {
		return err
	}
	if err := file.WriteBytes(filepath.Join(dir, manifestName), text); err != nil {
		return err
	}
	return file.Sync(dir)
}

// text is the manifest as it is written, sealed. The error is that for one which could not be read again.
func (m Manifest) text() ([]byte, error) {
	sums := file.Sums{manifestName: file.NoSum}
	maps.Copy(sums, m.Sums)
	m.Sums = sums
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil && len(text) >= largestManifest {
		err = fmt.Errorf("train: the names of %d classes take more than %s: give them shorter ones", len(m.Trained), file.Size(largestManifest))
	}
	return file.Seal(append(text, '\n')), err
}
