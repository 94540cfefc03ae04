package main

import (
	"bytes"
	"regexp"
	"runtime"
	"testing"
)

func TestVersion(t *testing.T) {
	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"version"}, stdio{nil, &out, &stderr}); code != 0 || stderr.Len() > 0 {
		t.Errorf("exit code %d, said %q", code, &stderr)
	}
	want := regexp.MustCompile(`^unipair \S+, GoMLX v\d\S*, ` + regexp.QuoteMeta(runtime.Version()) + ` \w+/\w+\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("printed %q, want %s", &out, want)
	}
	if code := run(t.Context(), []string{"version", "7"}, stdio{nil, &out, &stderr}); code != 2 {
		t.Errorf("version 7: exit code %d, want 2", code)
	}
}
