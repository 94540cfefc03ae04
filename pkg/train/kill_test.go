package train_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// trainHere names the directory in which this test program trains when a test starts it.
const trainHere = "UNIPAIR_TEST_TRAIN_HERE"

// forever is a run that no test waits for.
func forever() train.Config {
	c := tiny()
	c.Network = train.Network{Size: 16, Width: 1, Dim: 2}
	c.Classes, c.PerClass, c.Steps = 2, 2, 1_000_000
	return c
}

// TestKilledAtAnyTime kills a process that writes checkpoints, again and again: each time the directory must load, and the
// next process must go on no earlier than the one before.
func TestKilledAtAnyTime(t *testing.T) {
	b := backendtest.Go(t)
	if dir := os.Getenv(trainHere); dir != "" {
		_, err := train.Run(t.Context(), b, forever(), bars, train.Options{Dir: dir, SaveEvery: 1})
		t.Fatal("was not killed:", err)
	}
	dir, last := t.TempDir(), 0
	for range 6 {
		process := exec.Command(os.Args[0], "-test.run=^TestKilledAtAnyTime$")
		process.Env = append(os.Environ(), trainHere+"="+dir)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			if m, err := train.ReadManifest(dir); err == nil && m.Step > last {
				break
			}
			if time.Now().After(deadline) {
				t.Error("no new checkpoint in a minute")
				break
			}
		}
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := process.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
		m, err := train.ReadManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := train.Load(b, dir); err != nil || m.Step <= last {
			t.Fatalf("after a kill: step %d after %d, %v", m.Step, last, err)
		}
		last = m.Step
	}
}

// Another process, which divides convolutions among its threads anew, goes on to the bits of a run without a break.
func TestAnotherProcessGoesOn(t *testing.T) {
	b, c := backendtest.XLA(t), tiny()
	c.Network, c.Steps = train.Network{Size: 28, Width: 32, Dim: 64}, 8
	if dir := os.Getenv(trainHere); dir != "" {
		ctx, options := interrupt(dir, 4)
		if _, err := train.Run(ctx, b, c, bars, options); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return
	}
	want, dir := embed(t, run(t, b, c, train.Options{}).Embedder), t.TempDir()
	process := exec.Command(os.Args[0], "-test.run=^TestAnotherProcessGoesOn$")
	process.Env = append(os.Environ(), trainHere+"="+dir)
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	resumed := run(t, b, c, train.Options{Dir: dir})
	if got := embed(t, resumed.Embedder); resumed.Resumed != 4 || !slices.Equal(got.Embeddings, want.Embeddings) {
		t.Errorf("after step %d it goes on to other embeddings", resumed.Resumed)
	}
}
