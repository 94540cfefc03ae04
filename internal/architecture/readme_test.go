package architecture_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What README shows runs and prints what it says, and what it links to is there.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(raw)

	_, after, _ := strings.Cut(readme, "```go\n")
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

	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme, -1) {
		if strings.HasPrefix(link[1], "https://") {
			continue
		}
		if _, err := os.Stat(filepath.Join("../..", link[1])); err != nil {
			t.Errorf("README links to %s, which is not there", link[1])
		}
	}
}
