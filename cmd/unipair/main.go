// Command unipair learns, compares and explains losses that learn by pair similarity.
//
// Exit codes: 0 done, 1 the work failed, 2 the words were wrong. An error is one line on stderr that says what, where and
// what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/internal/progress"
	"github.com/unipair/unipair/internal/repository"
	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
)

// A command is one word of the program. Its run function returns an error of package usage where the words were wrong.
type command struct {
	name, usage, about string
	run                func(ctx context.Context, args []string, std stdio) error
}

// commands lists the program's commands in the order of its help.
func commands() []command {
	return []command{
		{"data", "[NAME] [--fetch]", "list the data sets, describe one, or fetch it", runData},
		{"train", "--data D --out DIR [--loss circle] [--set name=value …]", "train a network to embed images", runTrain},
		{"eval", "--checkpoint DIR|--architecture A --data D [--json] [--report FILE]", "measure a trained network, or what has not learnt", runEval},
		{"compare", "--data D --out DIR [--losses pair] [--trials 4] [--seeds 5]", "say which loss to take, and which cannot be told apart", runCompare},
		{"export", "--checkpoint DIR|--architecture A --data D --out DIR [--format F]", "write embeddings and the network that made them, or it alone as ONNX",
			runExport},
		{"index", "add --index DIR --data D", "add images to what export wrote", runIndex},
		{"search", "--index DIR --query IMAGE", "find the images most like one", runSearch},
		{"loss", "--list | --name circle [--set name=value …] < batch.json", "compute a loss and its gradient on a batch", runLoss},
		{"report", "[NN …] [--out reports] [--quick] [--pdf]", "run the notebooks and write their pages", runReport},
		{"lab", "[--port N]", "open JupyterLab on the notebooks", runLab},
		{"bench", "[SUBJECT …] [--list] [--write]", "measure beside JAX, PyTorch, PML and faiss", runBench},
		{"doctor", "[--fix] [--json]", "say what is missing, and set it up", runDoctor},
		{"version", "", "say what the program was built from", runVersion},
	}
}

func main() {
	// A reader of our output that is gone is an error of that write. It does not end a training, whose progress nobody needs to see.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if _, built, _, ok := runtime.Caller(0); ok {
		repository.LookRound(filepath.Dir(built))
	}
	var j job
	ctx := interruptible(&j)
	std := stdio{&input{ctx: ctx, from: os.Stdin}, os.Stdout, os.Stderr}
	err := j.join()
	if err == nil {
		err = outcome(ctx, os.Args[1:], j.share(std))
	}
	code := exitCode(err)
	j.leave(err, func(err error) { say(std.err, err) })
	lastWord.Lock()
	os.Exit(code)
}

// run runs the command that args name and returns the exit code.
func run(ctx context.Context, args []string, std stdio) int {
	err := outcome(ctx, args, std)
	say(std.err, err)
	return exitCode(err)
}

// outcome runs the command that args name and returns the error that it ends with.
func outcome(ctx context.Context, args []string, std stdio) error {
	results := &output{ctx: ctx, to: std.out}
	std.out = results
	err := dispatch(ctx, args, std)
	switch {
	case ctx.Err() != nil: // also of what has not noticed
		return whyEnded(ctx)
	case err == nil || errors.Is(err, errHelp):
		return results.err
	}
	return err
}

// say writes the error that the program ends with, if there is one.
func say(w io.Writer, err error) {
	if err == nil || errors.Is(err, syscall.EPIPE) { // whoever read the results has had enough, as head has
		return
	}
	lastWord.Lock()
	defer lastWord.Unlock()
	progress.EndLine(w)
	fmt.Fprintf(w, "unipair: %s\n", oneLine(err))
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case usage.Is(err) && !errors.Is(err, syscall.EPIPE):
		return 2
	}
	return 1
}

func dispatch(ctx context.Context, args []string, std stdio) error {
	std.out, std.err = escape.Writer{To: std.out}, escape.Writer{To: std.err}
	if len(args) == 0 {
		return errors.Join(printHelp(std.err), usage.Errorf("which command? the first to try is unipair train"))
	}
	helps := []string{"help", "-h", "-help", "--help"}
	if slices.Contains(helps, args[0]) {
		if len(args) == 1 || slices.Contains(helps, args[1]) {
			return printHelp(std.out)
		}
		args = []string{args[1], "--help"} // help NAME
	}
	name := args[0]
	if name == "--version" || name == "-version" {
		name = "version"
	}
	var known []string
	for _, c := range commands() {
		if c.name == name {
			if err := mayShare(name, args); err != nil {
				return err
			}
			return c.run(ctx, args[1:], std)
		}
		known = append(known, c.name)
	}
	if near, ok := suggest.Near(name, known); ok {
		return usage.Errorf("unknown command %q: did you mean %s?", name, near)
	}
	return usage.Errorf("unknown command %q: `unipair help` lists the commands", name)
}

// oneLine joins the lines of an error: the rest of a stack trace or of another program's output is for --verbose tools.
func oneLine(err error) string {
	return escape.Text(shortened(strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", " ")), " ")))
}

// shortened leaves out the middle of a text that is as long as the input that it quotes.
func shortened(text string) string {
	const begin, end = 1300, 600
	letters := []rune(text)
	if len(letters) <= begin+end {
		return text
	}
	return fmt.Sprintf("%s … (%d letters) … %s", string(letters[:begin]), len(letters)-begin-end, string(letters[len(letters)-end:]))
}
