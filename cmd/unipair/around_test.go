package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/recipe"
)

// TestTrainFrom: a run begins with another's network, says so, and its run.yaml trains the same again as long as that is as it was.
func TestTrainFrom(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	first, second, third := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second"), filepath.Join(t.TempDir(), "third")
	if code, _, messages := call(t, little(first)...); code != 0 {
		t.Fatal(messages)
	}
	code, _, messages := call(t, little(second, "--from", first, "--loss", "triplet")...)
	if code != 0 || !strings.Contains(messages, "begins with the network of "+first+" (SHA-256 of its weights ") {
		t.Fatalf("exit %d, said %q", code, messages)
	}
	settings := filepath.Join(second, recipe.FileName)
	text, err := os.ReadFile(settings)
	if err != nil || !strings.Contains(string(text), "\nfrom: "+first+"\nfrom_sha256: ") {
		t.Errorf("%s, %v", text, err)
	}
	if code, _, messages := call(t, "train", "--config", settings, "--out", third); code != 0 || hashOfWeights(t, third) != hashOfWeights(t, second) {
		t.Errorf("again: exit %d, said %q", code, messages)
	}
	if err := os.RemoveAll(first); err != nil {
		t.Fatal(err)
	}
	if code, _, messages := call(t, "train", "--config", settings, "--out", second); code != 0 || strings.Contains(messages, "begins with") {
		t.Errorf("goes on: exit %d, said %q", code, messages)
	}
	if code, _, messages := call(t, little(first, "--seed", "5")...); code != 0 {
		t.Fatal(messages)
	}
	other := filepath.Join(t.TempDir(), "other")
	code, _, messages = call(t, "train", "--config", settings, "--out", other)
	if _, err := os.Stat(other); code != 1 || err == nil || !strings.Contains(messages, first+" has other weights than those that are asked for") {
		t.Errorf("another run by then: exit %d, said %q, %v", code, messages, err)
	}
}
