package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/losses"
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

// What is computed in blocks is what is computed at once: value, anchors and gradient.
func TestLossInBlocks(t *testing.T) {
	device := backendtest.Go(t)
	for _, name := range []string{"circle", "contrastive", "multi-similarity", "margin", "triplet"} {
		for _, dtype := range []string{"float64", "float32"} {
			words, err := lossSetting(name, settings{}, "", "mean", false)
			if err != nil {
				t.Fatal(err)
			}
			words.most = defaultLossLimits()
			text := strings.TrimSuffix(jsonOf(60, 3), "}") + `, "dtype": "` + dtype + `"}`
			batch, err := readBatch(strings.NewReader(text), false, 1, words.most)
			if err != nil {
				t.Fatal(err)
			}
			want, _, err := words.whole(device, batch)
			if err != nil {
				t.Fatal(err)
			}
			stream, err := losses.NewStream(device, losses.SameLabel, words.loss, words.similarity, words.reduce)
			if err != nil {
				t.Fatal(err)
			}
			got, err := words.inBlocks(device, stream, batch)
			stream.Finalize()
			if err != nil {
				t.Fatal(err)
			}
			near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5*max(1, math.Abs(b)) }
			same := near(got.Loss, want.Loss) && got.Anchors == want.Anchors
			for i := range want.PerAnchor {
				same = same && near(got.PerAnchor[i], want.PerAnchor[i])
				for j, x := range want.GradEmbeddings[i] {
					same = same && near(got.GradEmbeddings[i][j], x)
				}
			}
			if !same || want.Loss == 0 {
				t.Errorf("%s in %s: in blocks %g of %d anchors, at once %g of %d, or what they have differs", name, dtype, got.Loss, got.Anchors, want.Loss, want.Anchors)
			}
		}
	}
}

// JSON of more than one meaning is refused, and so are labels that are no numbers.
func TestLossReadsStrictly(t *testing.T) {
	for text, want := range map[string]string{
		fourVectors + "}]":                                              "something follows after the JSON object",
		fourVectors + "}{}":                                             "something follows after the JSON object",
		fourVectors + `, "labels": [0, 0, 1, 1]}`:                       `the name "labels" comes twice`,
		`{"Embeddings": [[1]], "labels": [0]}`:                          `unknown field "Embeddings": did you mean embeddings?`,
		`{"embeddings": [[1], [2]], "LABELS": [0, 1]}`:                  `unknown field "LABELS": did you mean labels?`,
		`{"embeddings": [[1], [2]], "labels": ["0", "1"]}`:              `label 0 is "0", want a whole number`,
		`{"embeddings": [[1], [2]], "labels": [0, null]}`:               "label 1 is null, want a whole number",
		`{"embeddings": [[1], [2]], "labels": [0, 1e3]}`:                "label 1 is 1e3, want a whole number",
		`{"embeddings": [[1], [2]], "labels": 3}`:                       "labels must be a list of whole numbers, got a number",
		`{"embeddings": [[1], ["2"]], "labels": [0, 1]}`:                "embeddings must be a matrix, [[number, …], …], of finite numbers with at least one row and one column, got text",
		`{"embeddings": [[1], null], "labels": [0, 1]}`:                 "got null at byte",
		`{"embeddings": [[NaN]], "labels": [0]}`:                        "invalid character 'N'",
		`{"embeddings": [[1]], "labels": [0], "dtype": 32}`:             `unknown dtype "32"`,
		`{"labels": [0]}`:                                               "embeddings must be a matrix",
		"{\"embeddings\": [[1]], \"labels\": [0], \"dtype\": \"\xff\"}": "invalid UTF-8",
	} {
		code, stdout, stderr := feed(t, strings.NewReader(text), "loss", "--name", "circle")
		if code != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q; want 2, nothing, one line with %q", text, code, stdout, stderr, want)
		}
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
	r := lossResult{PerAnchor: []float64{1, math.NaN()}, GradEmbeddings: [][]float64{{1}, {math.Inf(-1)}}, GradWeights: [][]float64{{math.NaN()}}}
	for _, want := range []string{"the value of anchor 1 is NaN", "the gradient of embedding 1, column 0, is -Inf", "the gradient of weights 0, column 0, is NaN"} {
		if err := r.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if r.PerAnchor[1] != 0 {
			r.PerAnchor[1] = 0
		} else {
			r.GradEmbeddings[1][0] = 0
		}
	}
}
