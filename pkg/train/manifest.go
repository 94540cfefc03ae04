package train

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"regexp"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train/internal/checkpoint"
)

// Manifest says what a checkpoint is of.
type Manifest struct {
	Format int    `json:"format"` // version of the files, from 1
	Config Config `json:"config"` // that the run trains with
	Content
	Validated Content  `json:"validation_data,omitzero"`  // where it is a set of its own, [Options].Validation
	Trained   []string `json:"trained_classes,omitempty"` // the names of those it learns from: others are new to it
	Step      int      `json:"step"`                      // steps done
	Best      Best     `json:"best,omitzero"`             // the step that validated best; empty where nothing was validated
	Stopped   bool     `json:"stopped,omitempty"`         // early, before all steps, because validation no longer improved
	// Sums are those of all files of the checkpoint, the manifest's own included; a checkpoint from before they were kept has none. It is
	// the last field: see [file.Seal].
	Sums file.Sums `json:"sha256,omitempty"`
}

// Content holds what a run must find again of a data set when it is resumed. The pictures themselves are not compared.
type Content struct {
	Data    string `json:"data"`                  // the name of the data set
	Classes int    `json:"data_classes"`          // how many classes it has
	Images  int    `json:"data_images,omitempty"` // and images; 0 in a checkpoint from before they were counted
	Labels  string `json:"data_labels,omitempty"` // a checksum of the classes' names and of each image's class
}

// ContentOf returns what a set holds.
func ContentOf(set data.Dataset) Content {
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
	path, err := checkpoint.Newest(dir, checkpoint.Step)
	if errors.Is(err, fs.ErrNotExist) {
		path, err = checkpoint.ToUse(dir) // a network that was given away may be the best of its run alone
	}
	if err != nil {
		return Manifest{}, err
	}
	return manifestOf(path)
}

// manifestOf reads the manifest of a checkpoint, and checks that it is as it was written.
func manifestOf(path string) (Manifest, error) {
	var m Manifest
	if err := checkpoint.ReadManifest(path, &m); err != nil {
		return m, err
	}
	if err := m.Config.Network.complete(); err != nil {
		return m, fmt.Errorf("train: checkpoint %s: %w", path, err)
	}
	m.Config.Network = m.Config.Network.asTrained(m.Data)
	return m, nil
}

// sealedBy returns the manifest with the sums of a checkpoint's files.
func (m Manifest) sealedBy(sums file.Sums) any {
	m.Sums = sums
	return m
}

// turnedOver matches the names of the sets that turned their pictures over themselves, before that was the network's: Omniglot's.
var turnedOver = regexp.MustCompile(`^((mirrored|rotations of) )*omniglot` +
	`( small [12]( without Greek and Latin)?| split, (training|validation)|-full, images_(background|evaluation)\.zip)(, .*)?$`)

// asTrained returns the network of a checkpoint that was trained on a data set of a name. One from before it was kept whether pictures are
// turned over saw those of Omniglot so, from the set itself, and all others as they are.
func (n Network) asTrained(set string) Network {
	n.Invert = n.Invert.For(data.Format{Features: n.Features, DarkOnLight: turnedOver.MatchString(set)})
	return n
}
