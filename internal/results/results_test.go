package results_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/results"
)

func TestReplaceKeepsOtherSections(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	for _, write := range [][2]string{{"A", "one"}, {"B", "two"}, {"C", "three"}, {"B", "new\n\nlines\n"}, {"C", "last"}} {
		if err := results.Replace(page, write[0], write[1]); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, sections, _ := strings.Cut(string(text), "\n\n## ")
	if want := "A\n\none\n\n## B\n\nnew\n\nlines\n\n## C\n\nlast\n"; sections != want {
		t.Errorf("sections %q, want %q", sections, want)
	}
}
