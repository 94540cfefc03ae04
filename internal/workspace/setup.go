package workspace

import (
	"context"
	"crypto/sha256"
	_ "embed" // the lock
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/unipair/unipair/internal/file"
	"github.com/unipair/unipair/internal/repository"
)

//go:embed requirements.txt
var requirements string

// Workspace is the environment of the repository at Root; it may not be set up yet.
type Workspace struct {
	Root string
}

// Setup makes what the workspace of the repository round the working directory lacks, and tells progress what it does.
// An interrupted step is done again by the next call.
func Setup(ctx context.Context, progress io.Writer) (Workspace, error) {
	root, err := repository.Root()
	if err != nil {
		return Workspace{}, err
	}
	w := Workspace{root}
	return w, w.Setup(ctx, progress)
}

// Setup makes what w lacks.
func (w Workspace) Setup(ctx context.Context, progress io.Writer) error {
	return w.setup(ctx, progress, w.steps())
}

func (w Workspace) setup(ctx context.Context, progress io.Writer, steps []step) error {
	if _, err := Compiler(); err != nil {
		return err
	}
	if err := w.own(); err != nil {
		return err
	}
	if err := os.MkdirAll(w.path("log"), 0o755); err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	lock, err := lockOf(w.path("lock"))
	if err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	if free, err := lock.TryLock(); err != nil {
		return fmt.Errorf("workspace: %w", err)
	} else if !free {
		fmt.Fprintln(progress, "set-up: waiting for another one to end")
		if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("workspace: waiting for another set-up to end: %w", err)
		}
	}
	defer lock.Unlock()
	for _, s := range steps {
		if err := w.do(ctx, s, progress); err != nil {
			return err
		}
	}
	if err := w.writeKernelspec(); err != nil {
		return err
	}
	return repository.TrustFile(w.Root, w.kernelspecPath())
}

// A step makes one part of the workspace from its inputs. It is done if its stamp has the hash of the inputs and its
// products exist.
type step struct {
	name, about string
	inputs      []string
	products    []string
	make        func(ctx context.Context, temp string, log io.Writer) error // what it needs meanwhile is in temp
}

func (w Workspace) steps() []step {
	return []step{
		{"python", "Python environment (about 0.7 GB; a minute or two)",
			[]string{requirements, w.Root}, []string{w.Program("python"), w.Program("jupyter-lab")}, w.makePython},
		w.toolStep("kernel", "GoNB kernel (a minute or two)", "bin", "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports"),
		{"cache", "compiling GoMLX (a minute or two)",
			[]string{w.read("go.mod"), w.read("go.sum"), w.read("internal/nbdeps/nbdeps.go"), runtime.Version(), goFlags, w.Root}, nil, w.warm},
	}
}

func (w Workspace) done(s step) bool {
	stamp, err := file.Read(w.path("stamps", s.name), mostBytes)
	if err != nil || string(stamp) != s.hash() {
		return false
	}
	for _, product := range s.products {
		if _, err := os.Stat(product); err != nil {
			return false
		}
	}
	return true
}

// trust returns an error where others could have put a step's products there. A product itself may be a link to the user's own Python.
func (w Workspace) trust(s step) error {
	for _, product := range s.products {
		if err := repository.TrustFile(w.Root, filepath.Dir(product)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// do does a step that is not done. The stamp goes first and comes back last: a step cut short leaves none.
func (w Workspace) do(ctx context.Context, s step, progress io.Writer) error {
	if err := w.trust(s); err != nil || w.done(s) {
		return err
	}
	stamp := w.path("stamps", s.name)
	if err := errors.Join(os.RemoveAll(stamp), os.MkdirAll(filepath.Dir(stamp), 0o755)); err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	if _, err := Space(w.path()); err != nil {
		return err
	}
	log, err := w.Log(s.name)
	if err != nil {
		return err
	}
	defer log.Close()
	temp, remove, err := TempDir()
	if err != nil {
		return err
	}
	defer remove()
	fmt.Fprintf(progress, "set-up: %s … ", s.about)
	start := time.Now()
	if err := s.make(ctx, temp, log); err != nil {
		fmt.Fprintln(progress, "failed")
		return fmt.Errorf("set-up of %s: %w; the log is %s", s.name, err, log.Name())
	}
	fmt.Fprintf(progress, "%.0f s\n", time.Since(start).Seconds())
	return file.WriteBytes(stamp, []byte(s.hash()))
}

func (s step) hash() string {
	h := sha256.New()
	for _, input := range s.inputs {
		fmt.Fprintf(h, "%d %s\n", len(input), input)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (w Workspace) makePython(ctx context.Context, temp string, log io.Writer) error {
	python, _, err := Python(ctx)
	if err != nil {
		return err
	}
	venv, lock := w.path("venv"), w.path("requirements.txt")
	if err := errors.Join(os.RemoveAll(venv), file.WriteBytes(lock, []byte(requirements))); err != nil {
		return err
	}
	make := Command(ctx, python, "-I", "-m", "venv", venv)
	make.Env = append(os.Environ(), "TMPDIR="+temp)
	if err := Run(make, log, log); err != nil {
		return fmt.Errorf("venv: %w", err)
	}
	pip := Command(ctx, w.Program("python"), "-I", "-m", "pip", "install", "--require-hashes", "--no-input", "--retries", "2",
		"--disable-pip-version-check", "--progress-bar", "off", "-r", lock)
	pip.Env = append(os.Environ(), "PIP_USER=0", "TMPDIR="+temp)
	if err := Run(pip, log, log); err != nil {
		return pipError(err)
	}
	// oneDNN's wheel has its library three times, 55 MB each: programs open libdnnl.so.3.
	for _, same := range []string{"libdnnl.so", "libdnnl.so.3.2"} {
		if err := os.Remove(filepath.Join(venv, "lib", same)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	return nil
}

// unreachable matches what pip says of an index that does not answer, or answers with nothing.
var unreachable = regexp.MustCompile(`(?i)no matching distribution|could not find a version|connection|timed? ?out|network|resolv|temporary failure|proxy|ssl`)

// pipError says what to do about an error of pip's.
func pipError(err error) error {
	switch text := err.Error(); {
	case strings.Contains(strings.ToLower(text), "hash"):
		return fmt.Errorf("pip install: %w; the download is not what is pinned, and nothing of it is used: ask whoever runs the mirror or proxy",
			err)
	case unreachable.MatchString(text):
		return fmt.Errorf("pip install: %w; is the machine online? a mirror is set by pip's own configuration", err)
	}
	return fmt.Errorf("pip install: %w", err)
}

// toolStep installs commands of the tools module into a folder of the workspace.
func (w Workspace) toolStep(name, about, folder string, commands ...string) step {
	products := make([]string, len(commands))
	for i, command := range commands {
		products[i] = w.path(folder, filepath.Base(command))
	}
	inputs := append([]string{w.read("tools/go.mod"), w.read("tools/go.sum"), runtime.Version()}, commands...)
	return step{name, about, inputs, products, func(ctx context.Context, temp string, log io.Writer) error {
		install := Command(ctx, "go", append([]string{"install", "-C", filepath.Join(w.Root, "tools")}, commands...)...)
		install.Env = append(os.Environ(), "GOBIN="+w.path(folder), "GOWORK=off", "GOFLAGS=", "TMPDIR="+temp)
		return goError(Run(install, log, log))
	}}
}

func goError(err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("go is not in PATH; install Go and put its bin folder there")
	case err != nil && strings.Contains(err.Error(), "dial tcp"):
		return fmt.Errorf("go: %w; is the machine online? a mirror is set by GOPROXY", err)
	case err != nil:
		return fmt.Errorf("go: %w", err)
	}
	return nil
}

// mostBytes is the size of a file of the repository or the workspace that is read.
const mostBytes = 16 << 20

// path returns a path inside the workspace.
func (w Workspace) path(elements ...string) string {
	return filepath.Join(append([]string{w.Root, repository.Workspace}, elements...)...)
}

// read returns the content of a file of the repository; of one that is absent, nothing.
func (w Workspace) read(path string) string {
	content, err := file.Read(filepath.Join(w.Root, path), mostBytes)
	if err != nil {
		return ""
	}
	return string(content)
}

// SetupCompletion installs gopls, in a folder of its own: only JupyterLab's completion asks for it, and a report's kernel that
// finds it starts it for nothing.
func (w Workspace) SetupCompletion(ctx context.Context, progress io.Writer) error {
	return w.setup(ctx, progress, []step{w.toolStep("completion", "gopls for completion (a minute or two)", completionFolder, "golang.org/x/tools/gopls")})
}

const completionFolder = "completion"
