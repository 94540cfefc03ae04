package suggest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/suggest"
)

// A word as long as a file is near to nothing, and that is said at once.
func TestLongWord(t *testing.T) {
	begun := time.Now()
	if near, ok := suggest.Near(strings.Repeat("circle", 10<<20), []string{"circle", "triplet"}); ok || near != "" {
		t.Errorf("it is near %q", near)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("that took %v", took)
	}
	if near, ok := suggest.Near("circel", []string{"triplet", "circle", "circular"}); !ok || near != "circle" {
		t.Errorf("circel is near %q, %v", near, ok)
	}
}
