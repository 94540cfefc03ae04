package compiled

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFeatures(t *testing.T) {
	const one = "processor\t: 0\nvendor_id\t: A\nmodel name\t: B\ncpu MHz\t\t: 2400.1\nbogomips\t: 4800\nflags\t\t: fma avx2\n"
	const want = "vendor_id\t: A\nmodel name\t: B\nflags\t\t: fma avx2"
	for name, text := range map[string]string{"one": one, "two": one + "\n" + "processor\t: 1\nflags\t\t: other\n"} {
		if got := features(text); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	got, err := settings([]string{"HOME=/x", "XLA_FLAGS=--a", "PATH=/bin", "OMP_NUM_THREADS=2", "MY_XLA_FLAGS=--b"})
	if want := "OMP_NUM_THREADS=2\nXLA_FLAGS=--a"; got != want || err != nil {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

// Flags in a file are told by what it says.
func TestSettingsInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags")
	var seen []string
	for _, flags := range []string{"--a", "--b", "--a"} {
		if err := os.WriteFile(path, []byte(flags), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := settings([]string{"XLA_FLAGS=" + path})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, got)
	}
	if seen[0] == seen[1] || seen[0] != seen[2] {
		t.Errorf("%q", seen)
	}
	if _, err := settings([]string{"TF_XLA_FLAGS=" + path + "2"}); err == nil {
		t.Error("flags of a file that is not there are no error")
	}
}
