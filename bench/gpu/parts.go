package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/internal/peers"
	"github.com/unipair/unipair/bench/losstime"
	"github.com/unipair/unipair/bench/training"
	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/results"
	"github.com/unipair/unipair/internal/turns"
)

// goldenTest is the program of pkg/losses' tests.
const goldenTest = "losses.test"

// tablePage is written into the folder.
const tablePage = "table.md"

// pictures counts the images that the network sees at once.
const pictures = 32

// page grows part by part, and is written after each.
type page struct {
	path string
	text strings.Builder
}

func (p *page) add(format string, values ...any) error {
	fmt.Fprintf(&p.text, format, values...)
	return file.WriteBytes(p.path, []byte(p.text.String()))
}

// probe asks peers for their versions, or why they are not measured.
const probe = `
import json, sys
platform, said = sys.argv[1], {}
try:
    import jax
    got = jax.default_backend().replace("gpu", "cuda")
    said["jax"] = ["jax " + jax.__version__, "" if got == platform else "computes on " + got]
except Exception as e:
    said["jax"] = ["", f"{type(e).__name__}: {e}"]
try:
    import torch, pytorch_metric_learning
    there = platform == "cpu" or torch.cuda.is_available()
    said["torch"] = ["torch " + torch.__version__, "" if there else "finds no CUDA device"]
except Exception as e:
    said["torch"] = ["", f"{type(e).__name__}: {e}"]
print(json.dumps(said))
`

// here says which peers can be measured: their versions, and why others cannot.
func (w words) here(ctx context.Context) (missing map[string]bool, said string) {
	missing = map[string]bool{"jax": true, "torch": true}
	asked, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(asked, w.python, "-c", probe, w.platform)
	out, err := command.Output()
	found := map[string][2]string{}
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil {
		return missing, fmt.Sprintf("No JAX and no PyTorch: %s does not answer: %v.", w.python, err)
	}
	var lines []string
	for _, peer := range [][2]string{{"jax", "JAX"}, {"torch", "PyTorch"}} {
		version, why := found[peer[0]][0], found[peer[0]][1]
		if why != "" {
			lines = append(lines, fmt.Sprintf("No %s: %s.", peer[1], strings.Join(strings.Fields(why), " ")))
			continue
		}
		missing[peer[0]] = false
		lines = append(lines, version+".")
	}
	return missing, strings.Join(lines, " ")
}

// parts runs what there is time for.
func (w words) parts(ctx context.Context, device compute.Backend, said string, deadline time.Time) error {
	missing, peersSaid := w.here(ctx)
	p := page{path: filepath.Join(w.data, tablePage)}
	heading := "On a GPU"
	if w.platform == "cpu" {
		heading = "Rehearsal on a CPU: these are no numbers of a GPU"
	}
	if err := p.add("# %s\n\n%s; device %s; plugin %s. %s All compute in float32, without TF32.\n", heading, results.Machine(), said, w.plugin, peersSaid); err != nil {
		return err
	}
	length := turns.Length{Rounds: 3, Turn: 200 * time.Millisecond, Slow: time.Second}
	environment := peers.Environment{Root: w.data, Python: w.python}
	progress := func(line string) { fmt.Fprintln(os.Stderr, line) }
	self, err := os.Executable()
	if err != nil {
		return err
	}
	type part struct {
		name  string
		most  time.Duration
		table func(ctx context.Context) (string, error)
	}
	all := []part{{"Golden values", 3 * time.Minute, w.golden}}
	for _, n := range w.sizes {
		all = append(all, part{fmt.Sprintf("Pairs, %d rows", n), 100 * time.Second, func(ctx context.Context) (string, error) {
			section, err := losstime.Pairs(ctx, losstime.Config{
				Peers: environment, Ours: []string{self, "serve"}, Losses: []string{"circle", "triplet-hard"}, Sizes: []int{n}, Length: length,
				Missing: missing, Progress: progress,
			})
			return section.Table, err
		}})
	}
	all = append(all, part{"Training", 80 * time.Second, func(ctx context.Context) (string, error) {
		section, err := training.Speed(ctx, training.Config{Peers: environment, Length: length, Missing: missing, Progress: progress})
		return section.Table, err
	}}, part{"A network from an ONNX file", 80 * time.Second, func(ctx context.Context) (string, error) {
		return w.backbone(ctx, device, environment, missing, length, pictures)
	}})
	for _, part := range all {
		progress(part.name)
		if err := ctx.Err(); err != nil {
			return err
		}
		left := min(part.most, time.Until(deadline))
		if left <= 0 {
			if err := p.add("\n## %s\n\nNot run: the time was over.\n", part.name); err != nil {
				return err
			}
			continue
		}
		limited, cancel := context.WithTimeout(ctx, left)
		begin := time.Now()
		table, err := part.table(limited)
		over := limited.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case over:
			table = fmt.Sprintf("Not run to its end: it had %.0f s.", left.Seconds())
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			table = "Failed: " + strings.Join(strings.Fields(err.Error()), " ")
		}
		if err := p.add("\n## %s\n\n%s\n\n(%.0f s)\n", part.name, strings.TrimSpace(table), time.Since(begin).Seconds()); err != nil {
			return err
		}
	}
	fmt.Print(p.text.String())
	return nil
}

// verdict is a line of Go's tests about one of them.
var verdict = regexp.MustCompile(`(?m)^\s*--- (PASS|FAIL|SKIP): (TestGolden/xla/\S+)`)

// golden runs the test of golden values on the plugin, those in float32 with the tolerance that they have on a CPU.
func (w words) golden(ctx context.Context) (string, error) {
	which := "^TestGolden$/^xla$/./^f32$"
	if len(w.sizes) == 1 { // a rehearsal
		which = "^TestGolden$/^xla$/^circle/^f32$"
	}
	command := exec.CommandContext(ctx, filepath.Join(w.data, goldenTest), "-test.run", which, "-test.v")
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	passed, failed := 0, []string{}
	for _, line := range verdict.FindAllStringSubmatch(out.String(), -1) {
		name := strings.TrimPrefix(line[2], "TestGolden/xla/")
		switch {
		case !strings.Contains(name, "/"): // of several
		case line[1] == "PASS":
			passed++
		default:
			failed = append(failed, name)
		}
	}
	if passed+len(failed) == 0 {
		return "", errors.Join(errors.New("no golden value was compared"), err, lastOf(out.String()))
	}
	text := fmt.Sprintf("Values and gradients of pytorch-metric-learning in float32, by the tolerance of a CPU: %d of %d losses and settings agree.", passed,
		passed+len(failed))
	if len(failed) > 0 {
		text += " These do not: " + strings.Join(failed, ", ") + "."
	}
	return text, nil
}

// lastOf returns the last line of a text as an error.
func lastOf(text string) error {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return errors.New(lines[len(lines)-1])
}
