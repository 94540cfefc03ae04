package architecture_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What README shows runs and prints what it says.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "```go\n")
	program, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("README has no Go program")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	write(t, file, program)
	run(t, "../..", "go", "vet", file)
	if printed := strings.TrimSpace(run(t, "../..", "go", "run", file)); !strings.Contains(program, "// "+printed+"\n") {
		t.Errorf("README's program prints %s, which it does not say", printed)
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	place = regexp.MustCompile("(?:^|[ `(])(?:\\./)?((?:pkg|internal|cmd|bench|experiments|notebooks|docs|docker)/[\\w./-]*\\w)")
)

// What documents link to is there, and so is every file and folder of the repository that they name, but what git ignores, which is made.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	made, err := os.ReadFile("../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	var documents []string
	for _, pattern := range []string{"*.md", "docs/*.md", "*/RESULTS.md", "docker/README.md"} {
		found, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		documents = append(documents, found...)
	}
	for _, document := range documents {
		if filepath.Base(document) == "CHANGELOG.md" {
			continue // it tells of what was
		}
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		there := func(folder, name string) {
			ignored := func(line string) bool {
				return strings.Trim(line, "/") != "" && strings.HasPrefix(name, strings.Trim(line, "/"))
			}
			if _, err := os.Stat(filepath.Join(folder, name)); err != nil && !slices.ContainsFunc(strings.Fields(string(made)), ignored) {
				t.Errorf("%s names %s, which is not there", strings.TrimPrefix(document, "../../"), name)
			}
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "former") {
				continue // so does a section by a command that is gone
			}
			for _, found := range link.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(found[1], "://") {
					there(filepath.Dir(document), found[1])
				}
			}
			for _, found := range place.FindAllStringSubmatch(line, -1) {
				there("../..", found[1])
			}
		}
	}
}
