package architecture_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What README shows runs: its program learns from a folder of pictures, here in two steps in place of as many as it says, and prints its line.
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
	steps := regexp.MustCompile(`"circle", [0-9]+`)
	if len(steps.FindAllString(program, -1)) != 1 {
		t.Fatal("README's program does not say how many steps it learns in")
	}
	dir := t.TempDir()
	file, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	write(t, file, steps.ReplaceAllString(program, `"circle", 2`))
	run(t, "../..", "go", "vet", file)
	run(t, "../..", "go", "build", "-o", binary, file)
	for class := range 10 {
		folder := filepath.Join(dir, "photos", fmt.Sprint("class ", class))
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		for k := range 4 {
			write(t, filepath.Join(folder, fmt.Sprint(k, ".pgm")), fmt.Sprintf("P2 2 2 255 %d %d %d 0", 25*class, 10*k, 255-25*class))
		}
	}
	t.Setenv("GOMLX_BACKEND", "go:ops_sequential")
	want := "\rstep 1\rstep 2\nthe nearest picture is of the same class: "
	if printed := run(t, dir, binary); !regexp.MustCompile("^" + want + `[01]\.[0-9]{2}\n$`).MatchString(printed) {
		t.Errorf("README's program prints %q", printed)
	}
}

// Programs of the pages under docs/ run, and print what they say in a comment.
func TestProgramsOfPages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	programs := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
			programs++
			file := filepath.Join(t.TempDir(), "main.go")
			write(t, file, found[1])
			run(t, "../..", "go", "vet", file)
			if printed := strings.TrimSpace(run(t, "../..", "go", "run", file)); !strings.Contains(found[1], "// "+printed+"\n") {
				t.Errorf("a program of %s prints %s, which it does not say", strings.TrimPrefix(page, "../../"), printed)
			}
		}
	}
	if programs == 0 {
		t.Error("no page has a program")
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)\s]*)?\)`)
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
