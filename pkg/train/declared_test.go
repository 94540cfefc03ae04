package train_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// declaredHere names the directory whose checkpoints this test program loads with a limit on its memory.
const declaredHere = "UNIPAIR_TEST_DECLARED_SIZES"

// Sizes that a checkpoint declares are compared with each other, with the network and with the size of its files before there is room for
// them. Each refusal needs less than 1 GiB, or the process that tries it ends.
func TestDeclaredSizes(t *testing.T) {
	if dir := os.Getenv(declaredHere); dir != "" {
		before := addressSpace(t)
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: before + 1<<30, Max: before + 1<<30}); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			var start, end runtime.MemStats
			runtime.ReadMemStats(&start)
			_, err := train.Load(backendtest.Go(t), filepath.Join(dir, entry.Name()))
			runtime.ReadMemStats(&end)
			fmt.Printf("%s: %v\n", entry.Name(), err)
			if made := end.TotalAlloc - start.TotalAlloc; err == nil || made > 200<<20 {
				t.Errorf("%s took %d bytes and ended with %v", entry.Name(), made, err)
			}
		}
		return
	}
	all := t.TempDir()
	network := func(old, new string) func(t *testing.T, manifest, index, values string) {
		return func(t *testing.T, manifest, index, values string) {
			text, err := os.ReadFile(manifest)
			if err != nil || !bytes.Contains(text, []byte(old)) {
				t.Fatalf("%s, %v", text, err)
			}
			put(t, filepath.Dir(manifest), "manifest.json", strings.Replace(string(text), old, new, 1))
		}
	}
	first := func(field string, value any) func(t *testing.T, manifest, index, values string) {
		return func(t *testing.T, manifest, index, values string) {
			changeIndex(t, index, func(variables []map[string]any) []map[string]any {
				variables[0][field] = value
				return variables
			})
		}
	}
	size := "\"size\": 16,\n    \"width\": 4,\n    \"dim\": 8"
	want := map[string]string{}
	for name, c := range map[string]struct {
		change func(t *testing.T, manifest, index, values string)
		want   string
	}{
		"mlp":        {network(size, `"architecture": "mlp", "features": 1048576, "width": 65536, "dim": 8`), "of another model"},
		"large mlp":  {network(size, `"architecture": "mlp", "features": 200000, "width": 8192, "dim": 8`), "of another model"},
		"linear":     {network(size, `"architecture": "linear", "features": 1048576, "dim": 4096`), "of another model"},
		"wide":       {network(`"width": 4`, `"width": 512`), "of another model"},
		"resnet":     {network(size, `"architecture": "resnet50", "size": 512, "dim": 4096`), "of another model"},
		"features":   {network(size, `"architecture": "mlp", "features": 1099511627776, "width": 4, "dim": 8`), "number of features must be in"},
		"negative":   {network(`"dim": 8`, `"dim": -1`), "dimension must be in [2, 4096], got -1"},
		"2^40":       {first("Dimensions", []int{1 << 40}), "is declared as [1099511627776], and its file has"},
		"product":    {first("Dimensions", []int{1 << 21, 1 << 21, 1 << 21, 2}), "is declared as [2097152 2097152 2097152 2]"},
		"-1":         {first("Dimensions", []int{-1}), "is declared as [-1]"},
		"length":     {first("Length", 1<<40), "which does not fit its 1099511627776 bytes"},
		"-length":    {first("Length", -4), "which does not fit its -4 bytes"},
		"position":   {first("Pos", 1<<40), "bytes from 1099511627776 on"},
		"kind":       {first("DType", "Float33"), `numbers of no kind that is known, "Float33"`},
		"text":       {first("Pos", "0"), "Variables/0/Pos must be a whole number, got text"},
		"fraction":   {first("Dimensions", []float64{0.5}), "Variables/0/Dimensions/0 must be a whole number, got 0.5"},
		"twice":      {twice, "/embedder/block0/kernel is there twice"},
		"bomb":       {bomb(1 << 30), "and its file has"},
		"undeclared": {bomb(0), "has more than the variables"},
		"no JSON":    {func(t *testing.T, _, index, _ string) { put(t, filepath.Dir(index), filepath.Base(index), "{") }, "unexpected EOF in line 1"},
		"long JSON": {func(t *testing.T, _, index, _ string) {
			if err := os.Truncate(index, 1<<36); err != nil { // a hole, which takes no disk
				t.Fatal(err)
			}
		}, "too large"},
		"long manifest": {func(t *testing.T, manifest, _, _ string) {
			if err := os.Truncate(manifest, 1<<36); err != nil {
				t.Fatal(err)
			}
		}, "too large"},
		"no values": {func(t *testing.T, _, _, values string) { put(t, filepath.Dir(values), filepath.Base(values), "") }, "EOF"},
	} {
		dir, manifest, index, values := oneStep(t, 0)
		withoutSums(t, manifest)
		c.change(t, manifest, index, values)
		if err := os.Rename(dir, filepath.Join(all, name)); err != nil {
			t.Fatal(err)
		}
		want[name] = c.want
	}
	process := exec.Command(os.Args[0], "-test.run=^TestDeclaredSizes$")
	process.Env = append(os.Environ(), declaredHere+"="+all, "GOMAXPROCS=1")
	said, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for name, want := range want {
		_, line, _ := strings.Cut("\n"+string(said), "\n"+name+": ")
		if line, _, _ = strings.Cut(line, "\n"); !strings.Contains(line, want) {
			t.Errorf("%s: %s, want %q", name, line, want)
		}
	}
}

// addressSpace is how many bytes the process has reserved, of which little is used.
func addressSpace(t *testing.T) uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("the system does not say how much memory a process has:", err)
	}
	var pages uint64
	if _, err := fmt.Sscan(string(text), &pages); err != nil {
		t.Fatal(err)
	}
	return pages * uint64(os.Getpagesize())
}

// changeIndex changes what a checkpoint declares of its variables.
func changeIndex(t *testing.T, index string, change func([]map[string]any) []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	var declared struct{ Variables []map[string]any }
	if err := json.Unmarshal(text, &declared); err != nil {
		t.Fatal(err)
	}
	declared.Variables = change(declared.Variables)
	if text, err = json.Marshal(declared); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Dir(index), filepath.Base(index), string(text))
}

func twice(t *testing.T, _, index, _ string) {
	changeIndex(t, index, func(variables []map[string]any) []map[string]any { return append(variables, variables[0]) })
}

// bomb puts so many zeros more, which a thousandth of them packs, behind a checkpoint's values, and declares them; 0 are 1 GiB that are not
// declared.
func bomb(declared int) func(t *testing.T, manifest, index, values string) {
	return func(t *testing.T, _, index, values string) {
		if declared > 0 {
			changeIndex(t, index, func(variables []map[string]any) []map[string]any {
				last := variables[len(variables)-1]
				from := int(last["Pos"].(float64) + last["Length"].(float64))
				return append(variables, map[string]any{
					"ParameterName": "var:/adamw/more", "Dimensions": []int{declared / 4}, "DType": "Float32", "Pos": from, "Length": declared})
			})
		}
		packed, err := os.ReadFile(values)
		if err != nil {
			t.Fatal(err)
		}
		head := []byte("gomlx_checkpointss\x04gzip")
		plain, err := gzip.NewReader(bytes.NewReader(bytes.TrimPrefix(packed, head)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		out.Write(head)
		again, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(again, io.MultiReader(plain, io.LimitReader(zeros{}, 1<<30))); err != nil {
			t.Fatal(err)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Dir(values), filepath.Base(values), out.String())
	}
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(room []byte) (int, error) { clear(room); return len(room), nil }
