package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unipair/unipair/internal/browser"
)

// Chromium is asked to go without its sandbox by root alone, or when it has said that it can have none.
func TestSandbox(t *testing.T) {
	for said, again := range map[string]bool{"No usable sandbox!": true, "a library is missing": false} {
		dir := t.TempDir()
		program, calls := filepath.Join(dir, "chromium"), filepath.Join(dir, "calls")
		script := "#!/bin/sh\necho \"$@\" >> '" + calls + "'\necho '" + said + "' >&2\nexit 1\n"
		if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := browser.Open(t.Context(), program, filepath.Join(dir, "page.html"), nil); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%s: error %v", said, err)
		}
		text, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		var without []bool
		for line := range strings.Lines(string(text)) {
			without = append(without, strings.Contains(line, "--no-sandbox"))
		}
		want := []bool{false, true}
		if !again {
			want = want[:1]
		}
		if os.Geteuid() == 0 {
			want = []bool{true}
		}
		if len(without) != len(want) || without[0] != want[0] || without[len(without)-1] != want[len(want)-1] {
			t.Errorf("%s: without its sandbox: %v, want %v", said, without, want)
		}
	}
}
