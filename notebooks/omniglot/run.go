package omniglot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// codeName is the file in a run's folder that says which code has made it.
const codeName = "code.sha256"

// maxCode bounds the bytes of a source file.
const maxCode = 1 << 20

// Run trains, or finds trained, what is kept in options.Dir. Notebooks share runs and may come to one at a time: the later waits, and
// finds it.
func Run(b compute.Backend, c train.Config, learn data.Dataset, options train.Options) (*train.Result, error) {
	if err := os.MkdirAll(filepath.Dir(options.Dir), 0o777); err != nil {
		return nil, fmt.Errorf("omniglot: %w", err)
	}
	beside, name := filepath.Split(filepath.Clean(options.Dir)) // not in the folder, which may be emptied
	mine := flock.New(filepath.Join(beside, "."+name+".turn"))
	if err := mine.Lock(); err != nil {
		return nil, fmt.Errorf("omniglot: cannot wait for the run's folder: %w", err)
	}
	defer mine.Unlock()
	if err := fresh(options.Dir); err != nil {
		return nil, err
	}
	options.Stall = -1 // a run that collapses is shown as what it is
	return train.Run(context.Background(), b, c, learn, options)
}

// Runs returns the folder that trainings are kept in: $UNIPAIR_RUNS, else runs beside the notebooks' folder.
func Runs() string {
	if root := os.Getenv("UNIPAIR_RUNS"); root != "" {
		return root
	}
	return filepath.Join(os.Getenv("GONB_DIR"), "..", "runs")
}

// dir returns where the run on a set is kept. The name is made of all that matters to it, and not of the recipe's: notebooks share runs.
func (r Recipe) dir(set string) (string, error) {
	settings, err := json.Marshal(r.Config())
	if err != nil {
		return "", fmt.Errorf("omniglot: %s: %w", r.Name, err)
	}
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%T%+v%s%s", r.Loss, r.Loss, settings, set)
	return filepath.Join(Runs(), "omniglot", fmt.Sprintf("%s-%016x", slug(fmt.Sprintf("%T", r.Loss)), sum.Sum64())), nil
}

// slug returns a name for a folder: letters, digits and dashes.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

// fresh readies the folder of a run: what other code has learnt there goes, so that a notebook never shows what the present code would
// not give. It compares the sources of losses, data, training and of the notebooks' packages; a loss that is written in a cell is known
// by its name and its fields alone. Outside a notebook, where $GONB_DIR is not set, it leaves everything.
func fresh(dir string) error {
	notebooks := os.Getenv("GONB_DIR")
	if notebooks == "" {
		return nil
	}
	code, err := codeOf(filepath.Dir(filepath.Clean(notebooks)))
	if err != nil {
		return fmt.Errorf("omniglot: cannot tell which code this is: %w", err)
	}
	name := filepath.Join(dir, codeName)
	made, err := file.Read(name, maxCode)
	switch {
	case err == nil && bytes.Equal(made, code):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("omniglot: %w", err)
	}
	if err := train.RemoveRun(dir); err != nil {
		return fmt.Errorf("omniglot: cannot empty the folder of an old run: %w", err)
	}
	return file.WriteBytes(name, code)
}

// codeOf sums up the Go sources of a repository that decide what a training gives: in hexadecimal, with a newline.
func codeOf(root string) ([]byte, error) {
	sum := sha256.New()
	for _, part := range []string{"pkg/losses", "pkg/data", "pkg/train", "notebooks"} {
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(part)), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := file.Read(path, maxCode)
			fmt.Fprintf(sum, "%s %d\n", filepath.ToSlash(strings.TrimPrefix(path, root)), len(source))
			sum.Write(source)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, "%x\n", sum.Sum(nil)), nil
}
