package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// asProgram has the test binary be the program, for tests under limits of its own.
const asProgram = "UNIPAIR_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// jsonOf is a batch of rows whose numbers go up and down, of ten classes.
func jsonOf(rows, columns int) string {
	var text strings.Builder
	text.WriteString(`{"embeddings": [`)
	for i := range rows {
		text.WriteString(strings.Repeat(",", min(i, 1)) + "[")
		for j := range columns {
			fmt.Fprintf(&text, "%s%.2f", strings.Repeat(",", min(j, 1)), math.Sin(float64(1+7*i+3*j)))
		}
		text.WriteString("]")
	}
	text.WriteString(`], "labels": [0`)
	for i := 1; i < rows; i++ {
		fmt.Fprintf(&text, ",%d", i%10)
	}
	return text.String() + "]}"
}

// A batch that needs more than may be taken is refused before the work, with the bytes and how to have more, in less than 1 GiB. Of the address
// space another one is gone to the runtime before any work.
func TestLossRefusesBeforeWork(t *testing.T) {
	wide := `{"embeddings": [[1` + strings.Repeat(",1", 40<<20) + `]], "labels": [0]}`
	many := `{"embeddings": [[1,1]` + strings.Repeat(",[1,1]", 10<<20) + `], "labels": [0]}`
	for name, c := range map[string]struct {
		stdin, want string
		words       []string
	}{
		"a loss that looks at the whole batch": {jsonOf(10_000, 2), "GB of memory at once, as this loss must be taken, and 1 GB may be taken: give the batch in parts, or --memory ", []string{"--name", "vicreg"}},
		"all triplets":                         {jsonOf(3000, 2), "and 1 GB may be taken", []string{"--name", "triplet"}},
		"classes":                              {strings.TrimSuffix(jsonOf(5000, 2), "}") + `, "weights": [[1,0]` + strings.Repeat(",[0,1]", 19_999) + "]}", "5000 embeddings and 20000 rows of weights need about", []string{"--name", "softmax"}},
		"one wide row":                         {wide, "more than 8388608 numbers, which need more than 1 GB: give it in parts, or --memory more gigabytes", []string{"--name", "circle"}},
		"many rows":                            {many, "more than 32768 rows, and time grows by their square: give it in parts, or --rows", []string{"--name", "circle"}},
		"many labels":                          {`{"labels": [0` + strings.Repeat(",0", 40<<20) + `]}`, "more than 32768 rows", []string{"--name", "circle"}},
		"a long number":                        {`{"embeddings": [[1` + strings.Repeat("0", 200<<20) + `]]}`, "larger than 1 MiB", []string{"--name", "circle"}},
		"a long name":                          {`{"` + strings.Repeat("a", 200<<20) + `": 1}`, "larger than 1 MiB", []string{"--name", "circle"}},
		"much space behind":                    {fourVectors + "}" + strings.Repeat(" ", 20<<20), "unipair: batch: larger than 256 MiB, or a number", []string{"--name", "circle"}},
		"a deep list":                          {strings.Repeat("[", 20<<20), "it is no JSON object", []string{"--name", "circle"}},
		"deep rows":                            {`{"embeddings": ` + strings.Repeat("[", 20<<20), "embeddings must be a matrix", []string{"--name", "circle"}},
		"less is given":                        {jsonOf(300, 2), "300 embeddings need about", []string{"--name", "circle", "--memory", "0.001"}},
		"fewer rows are":                       {jsonOf(300, 2), "more than 299 rows", []string{"--name", "circle", "--rows", "299"}},
		"no memory":                            {"", "--memory must be gigabytes above 0, got 0", []string{"--name", "circle", "--memory", "0"}},
		"no rows":                              {"", "--rows must be at least 1, got 0", []string{"--name", "circle", "--rows", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			program := exec.Command("sh", append([]string{"-c", `ulimit -v 2097152; exec "$0" loss "$@"`, os.Args[0]}, c.words...)...)
			program.Env = append(os.Environ(), asProgram+"=yes", "GOMLX_BACKEND=go")
			program.Stdin = strings.NewReader(c.stdin)
			program.WaitDelay = time.Minute
			text, err := program.CombinedOutput()
			if program.ProcessState.ExitCode() != 2 || !strings.Contains(string(text), c.want) || strings.Count(string(text), "\n") != 1 {
				t.Errorf("%v: %.500s; want exit code 2 and a line with %q", err, text, c.want)
			}
		})
	}
}

// A result that JSON cannot hold is said to be none, by what it is of.
func TestLossSaysWhatIsNotFinite(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	for _, c := range []struct{ stdin, words, want string }{
		{fourVectors + "}", "--name circle --set gamma=1e308", "; give embeddings of smaller numbers, smaller settings, or dtype float64 where it is another"},
		{`{"embeddings": [[1e200, 0], [0, 1e200], [1e200, 1]], "labels": [0, 0, 1]}`, "--name contrastive --similarity dot", "give embeddings of smaller numbers"},
	} {
		code, stdout, stderr := feed(t, strings.NewReader(c.stdin), append([]string{"loss"}, strings.Fields(c.words)...)...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, c.want) || strings.Contains(stderr, "json") {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q; want 1 and %q", c.words, code, stdout, stderr, c.want)
		}
	}
}
