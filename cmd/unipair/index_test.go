package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// An index is whole or absent, and where it cannot be is told before any work.
func TestExportIsWholeOrAbsent(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	parent := t.TempDir()
	run := filepath.Join(parent, "run")
	if code, _, messages := call(t, little(run)...); code != 0 {
		t.Fatal(messages)
	}
	if err := os.Symlink("nowhere", filepath.Join(parent, "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"run", "link", "run/run.yaml", "run/run.yaml/index"} {
		code, out, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", filepath.Join(parent, name))
		if code != 1 || out != "" || strings.Count(messages, "\n") != 1 { // the backend was not opened
			t.Errorf("--out %s: exit %d, wrote %q, said %q", name, code, out, messages)
		}
	}
	before := syscall.Umask(0o027)
	defer syscall.Umask(before)
	index := filepath.Join(parent, "[a] new", "index")
	if code, _, messages := call(t, "export", "--checkpoint", run, "--data", "glyphs", "--out", index); code != 0 {
		t.Fatal(messages)
	}
	for name, want := range map[string]os.FileMode{"": 0o750, "index.json": 0o640, "embeddings.npy": 0o640, "models/1": 0o750} {
		if info, err := os.Stat(filepath.Join(index, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if text, err := os.ReadFile(filepath.Join(index, "index.json")); err != nil || strings.Count(string(text), "manifest.json\": \"") != 1 {
		t.Errorf("the network's manifest is not summed: %s, %v", text, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(index)); err != nil || len(entries) != 1 {
		t.Errorf("beside the index: %v, %v", entries, err)
	}
}

// baselineOf measures the pixels of a folder, and returns the file of what was printed.
func baselineOf(t *testing.T, dir string) string {
	t.Helper()
	code, out, messages := call(t, "eval", "--architecture", "pixels", "--data", "folder:"+dir, "--json")
	name := filepath.Join(t.TempDir(), "pixels.json")
	if err := os.WriteFile(name, []byte(out), 0o666); err != nil || code != 0 {
		t.Fatal(messages, err)
	}
	return name
}

// TestSearchClassify: a picture of the index has its class, by the threshold of an evaluation of the same network and of no other.
func TestSearchClassify(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	dir, one := pictures(t, scripts, 4)
	there := t.TempDir()
	networks, measured := [2]string{filepath.Join(there, "a"), filepath.Join(there, "b")}, [2]string{}
	for i, run := range networks {
		code, _, messages := call(t, "train", "--data", "folder:"+dir, "--out", run, "--steps", "2", "--size", "16", "--width", "2", "--dim", "8",
			"--classes", "3", "--per-class", "2", "--seed", strconv.Itoa(i))
		if code != 0 {
			t.Fatal(messages)
		}
		code, out, messages := call(t, "eval", "--checkpoint", run, "--data", "folder:"+dir, "--part", "all", "--json")
		if code != 0 {
			t.Fatal(messages)
		}
		measured[i] = run + ".json"
		if err := os.WriteFile(measured[i], []byte(out), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	index := filepath.Join(there, "index")
	code, _, messages := call(t, "export", "--checkpoint", networks[0], "--data", "folder:"+dir, "--part", "all", "--out", index)
	if code != 0 {
		t.Fatal(messages)
	}
	words := func(more ...string) []string {
		return append([]string{"search", "--index", index, "--query", one}, more...)
	}
	code, out, messages := call(t, words("--classify", "--thresholds", measured[0], "--false-accepts", "0.1", "--json")...)
	var hits []found
	if err := json.Unmarshal([]byte(out), &hits); err != nil || code != 0 {
		t.Fatalf("exit %d, said %q: %v", code, messages, err)
	}
	if v := hits[0].Verdict; v == nil || v.Unknown || v.Class == "" || hits[0].Threshold == nil || *hits[0].Threshold >= 1 {
		t.Errorf("%s", out)
	}
	code, out, _ = call(t, words("--classify", "--thresholds", measured[0], "--false-accepts", "0.1")...)
	if code != 0 || !strings.Contains(out, "\nclass ") {
		t.Errorf("exit %d, wrote %q", code, out)
	}
	asItIs := baselineOf(t, dir)
	for _, c := range []struct {
		args []string
		want string
	}{
		{words("--classify", "--thresholds", asItIs), "is of what has not learnt: run `unipair eval --json` with the checkpoints"},
		{words("--classify"), "--classify needs --thresholds"},
		{words("--thresholds", measured[0]), "--thresholds is for --classify"},
		{words("--classify", "--thresholds", measured[0], "--false-accepts", "1"), "--false-accepts must be in (0, 1), got 1"},
		{words("--classify", "--thresholds", measured[0], "--false-accepts", "0.3"), "has none at a rate of 0.3, but at [0.1"},
		{words("--classify", "--thresholds", measured[1]), "is of other networks than the index"},
		{words("--classify", "--thresholds", one), "is not what `unipair eval --json` printed"},
		{words("--classify", "--thresholds", filepath.Join(index, "index.json")), "does not say which networks were measured"},
		{words("--classify", "--thresholds", there+"/none"), "no such file"},
	} {
		if code, out, messages := call(t, c.args...); code != 2 || out != "" || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit %d, wrote %q, said %q, want %q", c.args[5:], code, out, messages, c.want)
		}
	}
}
