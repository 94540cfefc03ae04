package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/workspacetest"
)

// The setup cell of the repository's notebooks finds the repository's packages also where the path has a space in it.
func TestSpaces(t *testing.T) {
	w := workspacetest.Ready(t)
	root := filepath.Join(t.TempDir(), "a b ü")
	for name, content := range map[string]string{
		"go.mod":       "module " + repository.Module + "\n\ngo 1.26\n",
		"go.sum":       "",
		"pkg/found.go": "// Package pkg is found.\npackage pkg\n\n// Answer is 42.\nconst Answer = 42\n",
		"notebooks/01-spaces.ipynb": `{"cells": [
 {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": null, "outputs": [], "source": ` + setupCell + `},
 {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null, "outputs": [],
  "source": "import \"github.com/unipair/unipair/pkg\"\n\n%%\nfmt.Println(\"answer\", pkg.Answer)"}],
 "metadata": {"kernelspec": {"display_name": "Go (gonb)", "language": "go", "name": "gonb"}}, "nbformat": 4, "nbformat_minor": 5}`,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all, err := report.Find(filepath.Join(root, "notebooks"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := report.Write(t.Context(), w, report.Job{All: all, Chosen: all, Out: out}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if page := read(t, out, "01-spaces.html"); !strings.Contains(page, "answer 42") {
		t.Error("the page lacks the answer of the repository's package")
	}
}

// setupCell is the first cell of each notebook of the repository, as JSON.
const setupCell = `"!*go mod edit -require=github.com/unipair/unipair@v0.0.0 \"-replace=github.com/unipair/unipair=$GONB_DIR/..\" && cp \"$GONB_DIR/../go.sum\" ."`
