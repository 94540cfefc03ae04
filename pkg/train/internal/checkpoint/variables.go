package checkpoint

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	gomlx "github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/strictjson"
)

// GoMLX writes a checkpoint's variables into two files: what there is, in JSON, and their bytes one behind the other, compressed. Its
// reader takes any kind of file, makes room for what the JSON declares and unpacks all that the other gives. Here both are compared first,
// with each other and with the network, and only what is wanted is read.
const (
	variablePrefix = "var:"
	gzipHead       = "gomlx_checkpointss\x04gzip" // a file without it is not compressed

	largestIndex = 16 << 20 // bytes of JSON, some 200 per variable

	// mostPacked bounds how well a network packs: trained weights hardly do, though the optimiser's zeros may. Files that unpack to less
	// than alwaysPacked are let be.
	mostPacked   = 100
	alwaysPacked = 64 << 20
)

// saveVariables writes all variables of a store into a folder.
func saveVariables(dir string, store *model.Store) error {
	before := store.Loader()
	defer store.SetLoader(before) // the handler attaches itself to the store, and must not stay
	return exceptions.TryCatch[error](func() {
		handler, err := gomlx.Build(store).Dir(dir).ExcludeAllParams().Done()
		if err == nil {
			err = handler.Save()
		}
		if err != nil {
			panic(err)
		}
	})
}

// stored is a variable as a checkpoint declares it, by GoMLX's names.
type stored struct {
	ParameterName string
	Dimensions    []int
	DType         string
	Pos, Length   int64 // bytes
}

func (s stored) path() string { return strings.TrimPrefix(s.ParameterName, variablePrefix) }

// shape returns that of a variable whose declaration was checked.
func (s stored) shape() shapes.Shape {
	kind, _ := dtypes.DTypeString(s.DType)
	return shapes.Make(kind, s.Dimensions...)
}

// variables are those that a checkpoint declares, in the order of their bytes.
type variables struct {
	all    []stored
	values string // the name of the file of their bytes
}

// readVariables reads what variables a checkpoint declares, when its files are as they were written and what they declare can be.
func readVariables(path string, sums file.Sums) (variables, error) {
	index, err := indexOf(path, sums)
	if err != nil {
		return variables{}, err
	}
	v := variables{values: strings.TrimSuffix(index, ".json") + ".bin"}
	if err := sums.Check(path, manifestName); err != nil {
		return v, err
	}
	text, err := file.Read(filepath.Join(path, index), largestIndex)
	if err != nil {
		return v, err
	}
	var declared struct{ Variables []stored }
	if err := strictjson.UnmarshalSome(text, &declared); err != nil {
		return v, fmt.Errorf("%s: %w", index, err)
	}
	v.all = declared.Variables
	opened, err := file.Open(filepath.Join(path, v.values))
	if err != nil {
		return v, err
	}
	info, err := opened.Stat()
	if err := errors.Join(err, opened.Close()); err != nil {
		return v, err
	}
	if err := v.check(info.Size()); err != nil {
		return v, fmt.Errorf("%s: %w", index, err)
	}
	return v, nil
}

// indexOf returns the name of the file that lists a checkpoint's variables: that of the sums, or the last one.
func indexOf(path string, names file.Sums) (index string, err error) {
	if len(names) == 0 {
		entries, err := os.ReadDir(path)
		if err != nil {
			return "", err
		}
		names = file.Sums{}
		for _, entry := range entries {
			names[entry.Name()] = ""
		}
	}
	for name := range names {
		if ownFile.MatchString(name) && name != manifestName && strings.HasSuffix(name, ".json") && name > index {
			index = name
		}
	}
	if index == "" {
		return "", errors.New("there is no checkpoint-….json, the list of its variables")
	}
	values := strings.TrimSuffix(index, ".json") + ".bin"
	if _, ok := names[values]; !ok {
		return "", fmt.Errorf("there is no %s, the values of its variables", values)
	}
	return index, nil
}

// SumOfValues returns the SHA-256 of the file of a checkpoint's variables, in hexadecimals.
func SumOfValues(path string) (string, error) {
	var h header
	if err := ReadManifest(path, &h); err != nil {
		return "", err
	}
	index, err := indexOf(path, h.Sums)
	values, sums := strings.TrimSuffix(index, ".json")+".bin", file.Sums{}
	if err == nil {
		err = sums.Add(path, values)
	}
	if err != nil {
		return "", damaged(path, "%w", err)
	}
	return sums[values], nil
}

// check compares what is declared with itself and with how many bytes there are.
func (v variables) check(size int64) error {
	most, total := max(alwaysPacked, mostPacked*size), int64(0)
	seen := make(map[string]bool)
	for _, s := range v.all {
		if seen[s.path()] {
			return fmt.Errorf("the variable %s is there twice", s.path())
		}
		seen[s.path()] = true
		kind, err := dtypes.DTypeString(s.DType)
		if err != nil || !kind.IsSupported() || kind.Bits() < 8 { // smaller ones are packed
			return fmt.Errorf("the variable %s has numbers of no kind that is known, %q", s.path(), s.DType)
		}
		length := int64(kind.Size())
		for _, d := range s.Dimensions {
			if d < 0 || d > 0 && length > most/int64(d) {
				return fmt.Errorf("the variable %s is declared as %v, and its file has %s", s.path(), s.Dimensions, file.Size(size))
			}
			length *= int64(d)
		}
		if length != s.Length || s.Pos != total {
			return fmt.Errorf("the variable %s is declared as %v, which does not fit its %d bytes from %d on",
				s.path(), s.Dimensions, s.Length, s.Pos)
		}
		if total += length; total > most {
			return fmt.Errorf("the variables are declared to have more than %s, and their file has %s", file.Size(most), file.Size(size))
		}
	}
	return nil
}

// read reads the values of the variables that are wanted, by path, and gives them away one by one. It makes room for no others.
func (v variables) read(path string, wanted func(path string) (give func(*tensors.Tensor) error)) error {
	opened, err := file.Open(filepath.Join(path, v.values))
	if err != nil {
		return err
	}
	defer opened.Close()
	raw := bufio.NewReaderSize(opened, 1<<16)
	values, err := unpacked(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", v.values, err)
	}
	for _, s := range v.all {
		if err := s.read(values, wanted(s.path())); err != nil {
			return fmt.Errorf("%s: variable %s: %w", v.values, s.path(), err)
		}
	}
	if n, err := values.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return fmt.Errorf("%s has more than the variables, or other bytes", v.values)
	}
	return nil
}

// unpacked returns the bytes of the variables.
func unpacked(raw *bufio.Reader) (io.Reader, error) {
	if head, err := raw.Peek(len(gzipHead)); err != nil || !bytes.Equal(head, []byte(gzipHead)) {
		return raw, nil
	}
	if _, err := raw.Discard(len(gzipHead)); err != nil {
		return nil, err
	}
	return gzip.NewReader(raw)
}

// read takes the next bytes for the value of a variable, or leaves them out if it is not wanted.
func (s stored) read(from io.Reader, give func(*tensors.Tensor) error) error {
	if give == nil {
		_, err := io.CopyN(io.Discard, from, s.Length)
		return err
	}
	value := tensors.FromShape(s.shape())
	var cut error
	err := value.MutableBytes(func(room []byte) { _, cut = io.ReadFull(from, room) })
	if err := errors.Join(err, cut); err != nil {
		return err
	}
	return give(value)
}
