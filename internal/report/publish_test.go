package report_test

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/report"
)

// A page that cannot be written to its end, as on a full disk, leaves the last good one in its place and no part of itself.
func TestPublishWhole(t *testing.T) {
	from, out := filepath.Join(t.TempDir(), "page.html"), t.TempDir()
	to := filepath.Join(out, "01.html")
	for path, content := range map[string]string{from: strings.Repeat("new ", 5000), to: "the last good page"} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	signals := make(chan os.Signal, 1) // the limit's signal becomes an error of the write
	signal.Notify(signals, syscall.SIGXFSZ)
	defer signal.Stop(signals)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	err := report.Publish(from, to)
	if restore := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); restore != nil {
		t.Fatal(restore)
	}
	if err == nil || !strings.Contains(err.Error(), "01.html is not written") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line about 01.html", err)
	}
	wantFiles(t, out, "01.html")
	if got := read(t, to); got != "the last good page" {
		t.Errorf("the page is now %d bytes of a new one", len(got))
	}
	if err := report.Publish(from, to); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, out, "01.html")
}
