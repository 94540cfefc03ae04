package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/pkg/data"
)

// A run's directory holds history.jsonl and a directory step-00000700 with the checkpoint of that step: manifest.json and
// GoMLX's own files. If the run validates, best-00000650 is the checkpoint that did best. A checkpoint is written under a
// temporary name, forced to disk and renamed; only then is the one before removed. Whenever the program is killed, the newest
// directory of each kind is whole.
const (
	manifestName  = "manifest.json"
	stepPrefix    = "step-"
	bestPrefix    = "best-"
	partialPrefix = ".partial-"
	formatVersion = 1
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

// lastManifest returns what the checkpoint to resume is of.
func lastManifest(dir string) (Manifest, error) {
	path, err := newest(dir, stepPrefix)
	if err != nil {
		return Manifest{}, err
	}
	return manifestOf(path)
}

// manifestOf reads the manifest of a checkpoint.
func manifestOf(path string) (Manifest, error) {
	text, err := os.ReadFile(filepath.Join(path, manifestName))
	if err != nil { // not wrapped: a checkpoint without a manifest is not a directory without a checkpoint
		return Manifest{}, fmt.Errorf("train: checkpoint %s is damaged (%v): %s", path, err, ifDamaged)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Manifest{}, fmt.Errorf("train: checkpoint %s: %s is damaged (%w): %s", path, manifestName, err, ifDamaged)
	}
	if m.Format != formatVersion {
		return Manifest{}, fmt.Errorf("train: checkpoint %s has format %d, this program reads %d: use the program that wrote it",
			path, m.Format, formatVersion)
	}
	if err := m.Config.Network.complete(); err != nil {
		return Manifest{}, fmt.Errorf("train: checkpoint %s: %w", path, err)
	}
	m.Config.Network = m.Config.Network.asTrained(m.Data)
	return m, nil
}

// newest returns the newest checkpoint of a kind in a run's directory.
func newest(dir, prefix string) (string, error) {
	steps, err := filepath.Glob(filepath.Join(globSafe(dir), prefix+"*"))
	if err != nil {
		return "", fmt.Errorf("train: checkpoint: %w", err)
	}
	if len(steps) == 0 {
		return "", fmt.Errorf("train: %s holds no checkpoint (%w): give the directory that `unipair train --out` wrote", dir, fs.ErrNotExist)
	}
	return slices.Max(steps), nil // names are of one length, so that their order is that of the steps
}

// globSafe takes the meaning from the letters that have one in patterns.
func globSafe(dir string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(dir)
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
	if err := clear(dir, partialPrefix+"*", ""); err != nil {
		return err
	}
	partial := filepath.Join(dir, partialPrefix+filepath.Base(final)) // the run's alone: it holds the directory
	err := os.Mkdir(partial, 0o777)
	if err == nil {
		err = saveVariables(partial, store)
	}
	if err == nil {
		err = saveManifest(partial, m)
	}
	if err == nil {
		err = syncAll(partial)
	}
	if err == nil {
		err = os.Rename(partial, final)
	}
	if err != nil {
		return notWritten(fmt.Sprintf("the checkpoint of step %d", m.Step), dir, errors.Join(err, os.RemoveAll(partial)))
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	return clear(dir, prefix+"*", final)
}

func saveVariables(dir string, store *model.Store) error {
	before := store.Loader()
	defer store.SetLoader(before) // the handler attaches itself to the store, and must not stay
	return exceptions.TryCatch[error](func() {
		handler, err := checkpoint.Build(store).Dir(dir).ExcludeAllParams().Done()
		if err == nil {
			err = handler.Save()
		}
		if err != nil {
			panic(err)
		}
	})
}

func saveManifest(dir string, m Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(text, '\n'), 0o666)
}
