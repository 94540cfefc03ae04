package report_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/unipair/unipair/internal/report"
	"github.com/unipair/unipair/internal/workspace"
)

// publishOnFullDisk names the page that this test program publishes where no file may grow beyond 4 KiB. It is a process of its own: the
// limit is on all that a process writes, go test's own log of the test, too.
const publishOnFullDisk = "UNIPAIR_TEST_FULL_DISK"

// A page that cannot be written to its end, as on a full disk, leaves the last good one in its place and no part of itself.
func TestPublishWhole(t *testing.T) {
	if to := os.Getenv(publishOnFullDisk); to != "" {
		signal.Ignore(syscall.SIGXFSZ) // the limit's signal becomes an error of the write
		from := filepath.Join(t.TempDir(), "page.html")
		write(t, from, strings.Repeat("new ", 5000))
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
			t.Fatal(err)
		}
		err := report.Publish(from, to)
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "01.html is not written") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line about 01.html", err)
		}
		return
	}
	out := t.TempDir()
	to := filepath.Join(out, "01.html")
	write(t, to, "the last good page")
	process := exec.Command(os.Args[0], "-test.run=^TestPublishWhole$")
	process.Env = append(os.Environ(), publishOnFullDisk+"="+to)
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	wantFiles(t, out, "01.html")
	if got := read(t, to); got != "the last good page" {
		t.Errorf("the page is now %d bytes of a new one", len(got))
	}
	from := filepath.Join(t.TempDir(), "page.html")
	write(t, from, "a new page")
	if err := report.Publish(from, to); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, out, "01.html")
	if got := read(t, to); got != "a new page" {
		t.Errorf("the page is %q", got)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Where a page cannot be written, no notebook is run first.
func TestRefusedBeforeWork(t *testing.T) {
	for _, name := range []string{"index.html", "explorer.html", "ko.html", "01-good.html"} {
		out := t.TempDir()
		if err := syscall.Mkfifo(filepath.Join(out, name), 0o666); err != nil {
			t.Fatal(err)
		}
		all := notebooks(t)
		err := report.Write(t.Context(), workspace.Workspace{}, report.Job{All: all, Chosen: all[:1], Out: out}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), name+" is a pipe") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A page of the user's by the name of one of ours stays, and no notebook is run first.
func TestUsersPages(t *testing.T) {
	for _, name := range []string{"index.html", "explorer.html", "ko.html", "01-good.html"} {
		for content, refused := range map[string]bool{
			"": true, "<!DOCTYPE html><title>My page</title>": true, "<title>Unipair: reports that I like</title>": true,
			"<title>Unipair: report</title>": false, "<title>Unipair: explorer</title>": false, "<title>Unipair: 질문과 대답</title>": false, `<nav><a href="index.html">All notebooks</a></nav>`: false,
		} {
			all, out := notebooks(t), t.TempDir()
			write(t, filepath.Join(out, name), content)
			err := report.Job{All: all, Chosen: all[:1], Out: out}.CanWrite()
			if told := err != nil && strings.Contains(err.Error(), name+" is there and no report wrote it"); told != refused {
				t.Errorf("%s, %q: error %v, refused is %t", name, content, err, refused)
			}
			if got := read(t, out, name); got != content {
				t.Errorf("%s, %q: it is now %q", name, content, got)
			}
		}
	}
}
