package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/unipair/unipair/pkg/losses"
)

var record = flag.Bool("record", false, "write what the program says now to testdata/unchanged, in place of comparing with it")

// unchangedBatches are twelve vectors of five classes, one of them of a single vector: with each other, and with class weights.
func unchangedBatches() map[string]map[string]any {
	vectors := func(rows, columns int, phase float64) [][]float64 {
		all := make([][]float64, rows)
		for i := range all {
			for j := range columns {
				all[i] = append(all[i], math.Round(1000*math.Sin(phase+1.7*float64(i)+2.3*float64(j*j)))/1000)
			}
		}
		return all
	}
	embeddings, labels := vectors(12, 6, 0.3), []int{0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4}
	return map[string]map[string]any{
		"pairs":   {"embeddings": embeddings, "labels": labels},
		"classes": {"embeddings": embeddings, "labels": labels, "weights": vectors(5, 6, 1.1)},
	}
}

// TestLossesStayTheSame compares `unipair loss` over the whole catalogue with what it said when it was recorded, on the pure-Go
// backend: the names of the JSON, which anchors count, and every number to 1e-12 of its size, as sums may come in another order.
func TestLossesStayTheSame(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	for level, batch := range unchangedBatches() {
		got := map[string]any{}
		for _, entry := range losses.Catalogue() {
			words := []string{"loss", "--name", entry.Name}
			if level == "classes" {
				words = append(words, "--classes")
				batch["weights"] = repeated(unchangedBatches()[level]["weights"].([][]float64), losses.CentersOf(entry.Default))
			}
			stdin, err := json.Marshal(batch)
			if err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := feed(t, bytes.NewReader(stdin), words...)
			if code != 0 {
				got[entry.Name] = stderr
				continue
			}
			var result any
			if err := json.Unmarshal([]byte(stdout), &result); err != nil {
				t.Fatal(err)
			}
			got[entry.Name] = result
		}
		path := filepath.Join("testdata", "unchanged", level+".json")
		if *record {
			var text bytes.Buffer // a line for each loss
			for i, name := range slices.Sorted(maps.Keys(got)) {
				said, err := json.Marshal(got[name])
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&text, "%s\n%q: %s", []string{"{", ","}[min(i, 1)], name, said)
			}
			text.WriteString("\n}\n")
			if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		for name := range want {
			unchanged(t, level+": "+name, got[name], want[name])
		}
	}
}

// repeated lists each row times over, a little shorter each time: centers of one class stand next to each other.
func repeated(rows [][]float64, times int) (all [][]float64) {
	for _, row := range rows {
		for k := range times {
			copied := slices.Clone(row)
			copied[k%len(copied)] /= float64(k + 1)
			all = append(all, copied)
		}
	}
	return all
}

// unchanged reports where two values of JSON differ: in anything but the last digits of a number.
func unchanged(t *testing.T, where string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		fields, _ := got.(map[string]any)
		if len(fields) != len(want) {
			t.Errorf("%s: got %v, want the fields of %v", where, got, want)
			return
		}
		for name := range want {
			unchanged(t, where+", "+name, fields[name], want[name])
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			t.Errorf("%s: got %v, want %d numbers", where, got, len(want))
			return
		}
		for i := range want {
			unchanged(t, where, list[i], want[i])
		}
	case float64:
		if number, ok := got.(float64); !ok || math.Abs(number-want) > 1e-12*max(1, math.Abs(want)) {
			t.Errorf("%s: got %v, want %v", where, got, want)
		}
	default:
		if got != want {
			t.Errorf("%s: got %v, want %v", where, got, want)
		}
	}
}

// unchangedTrainings are short trainings of each kind of step, and what the last weights of each were, to the bit, when they were
// recorded: on the pure-Go backend, whose products are in turn.
var unchangedTrainings = []struct {
	name    string
	words   []string
	weights string // SHA-256 of the names and bytes of all variables
}{
	{"pair-wise", []string{"--loss", "circle"}, "7744f1d5bf3e1f9c1e52bbf791d34aab836491f397f843d02d137ebce8ad9f91"},
	{"class-level", []string{"--loss", "am-softmax"}, "cfa939ac03592c976b351875062b133ea6de0d0b15b34a586c0d0eaa69fc3144"},
	{"sampled classes", []string{"--loss", "cosface", "--class-ratio", "0.5"}, "dd2eb7dbb72aa05c36d27cc5b22edc2d8161a8c3711eb4bea41b313f525fa4a3"},
	{"blocks of classes", []string{"--loss", "am-softmax", "--class-block", "10"}, "6cb790245e418ad4eea78e846e407f384ccad750b9759ecbdee700116a64d2f3"},
	{"in pieces", []string{"--loss", "circle", "--pieces", "2"}, "f82f7ca5ab71a653dd261bfc280488c309fd58030bbbd281016c43c62b83f31d"},
}

func TestTrainingsStayTheSame(t *testing.T) {
	onlyOnAMD64(t)
	t.Setenv("GOMLX_BACKEND", "go")
	for _, c := range unchangedTrainings {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			learn(t, dir, c.words)
			if got := hashOfWeights(t, dir); got != c.weights {
				t.Errorf("the weights are %s, want %s", got, c.weights)
			}
		})
	}
}

// TestOldCheckpointIsResumed goes on from the second of four steps, as a release before the packages were redrawn has left it.
func TestOldCheckpointIsResumed(t *testing.T) {
	onlyOnAMD64(t)
	t.Setenv("GOMLX_BACKEND", "go")
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS("testdata/unchanged/run")); err != nil {
		t.Fatal(err)
	}
	c := unchangedTrainings[1]
	learn(t, dir, c.words)
	if got := hashOfWeights(t, dir); got != c.weights {
		t.Errorf("the weights are %s, want those of a training without a stop, %s", got, c.weights)
	}
}

func onlyOnAMD64(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the bits were recorded on amd64; other processors multiply and add in one rounding")
	}
}

func learn(t *testing.T, dir string, words []string) {
	t.Helper()
	all := slices.Concat(little(dir, words...), []string{"--seed", "7", "--steps", "4", "--save-every", "2"})
	if code, _, messages := call(t, all...); code != 0 {
		t.Fatalf("exit %d: %s", code, messages)
	}
}

// hashOfWeights is the SHA-256 of the names and bytes of a run's last variables, in the order of their names.
func hashOfWeights(t *testing.T, dir string) string {
	t.Helper()
	var files [2][]byte
	for i, ending := range []string{".json", ".bin"} {
		found, err := filepath.Glob(filepath.Join(dir, "step-00000004", "checkpoint-*"+ending))
		if err != nil || len(found) != 1 {
			t.Fatalf("%d files of weights, %v", len(found), err)
		}
		if files[i], err = os.ReadFile(found[0]); err != nil {
			t.Fatal(err)
		}
	}
	packed, err := gzip.NewReader(bytes.NewReader(bytes.TrimPrefix(files[1], []byte("gomlx_checkpointss\x04gzip"))))
	if err != nil {
		t.Fatal(err)
	}
	values, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Variables []struct {
			ParameterName string
			Pos, Length   int
		}
	}
	if err := json.Unmarshal(files[0], &index); err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, v := range index.Variables {
		byName[v.ParameterName] = values[v.Pos : v.Pos+v.Length]
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		hash.Write([]byte(name))
		hash.Write(byName[name])
	}
	return hex.EncodeToString(hash.Sum(nil))
}
