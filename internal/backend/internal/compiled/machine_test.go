package compiled

import "testing"

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
	got := settings([]string{"HOME=/x", "XLA_FLAGS=--a", "PATH=/bin", "OMP_NUM_THREADS=2", "MY_XLA_FLAGS=--b"})
	if want := "OMP_NUM_THREADS=2\nXLA_FLAGS=--a"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
