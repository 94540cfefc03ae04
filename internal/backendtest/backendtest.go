// Package backendtest runs a test on every backend that Unipair promises: the pure-Go one always, XLA where its plugin is.
package backendtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/go-xla/compute/xla" // XLA, once its plugin is found

	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/onnxruntime"
	"github.com/unipair/unipair/internal/repository"
)

// init keeps what tests compile apart from what the user's programs do, which would have to go to make room.
func init() {
	dir, err := os.UserCacheDir()
	if err == nil && repository.Ours(dir) == nil && os.Getenv(backend.CompiledVariable) == "" {
		_ = os.Setenv(backend.CompiledVariable, filepath.Join(dir, "unipair", "compiled-by-tests")) // neither can be refused
	}
}

var (
	pureGo = sync.OnceValues(func() (compute.Backend, error) { return backend.New("go", 1) })
	xla    = sync.OnceValues(func() (compute.Backend, error) { return newXLA(1) })
	four   = sync.OnceValues(func() (compute.Backend, error) { return newXLA(4) })
)

func newXLA(devices int) (compute.Backend, error) {
	config, err := xlaConfig()
	if err != nil {
		return nil, err
	}
	return backend.New(config, devices)
}

// xlaConfig returns the configuration of XLA's backend: with the plugin that $GOMLX_BACKEND names, if it names one by its path, else with
// the workspace's.
func xlaConfig() (config string, err error) {
	if config = os.Getenv(backend.Variable); strings.HasPrefix(config, "xla:/") {
		return config, nil
	}
	plugin, err := backend.PluginPath()
	return "xla:" + plugin, err
}

// Each runs f as a subtest on the pure-Go backend and on XLA. Where the XLA plugin is not installed that part is skipped,
// except in CI (the environment variable CI is set), where its absence is a failure.
func Each(t *testing.T, f func(t *testing.T, b compute.Backend)) {
	t.Helper()
	t.Run("go", func(t *testing.T) { f(t, Go(t)) })
	t.Run("xla", func(t *testing.T) { f(t, XLA(t)) })
}

// Go returns the pure-Go backend.
func Go(t testing.TB) compute.Backend { return opened(t, pureGo) }

// XLA returns the XLA backend, or skips the test where it is not installed and CI is not set.
func XLA(t testing.TB) compute.Backend {
	t.Helper()
	return openedXLA(t, xla)
}

// FourDevices returns an XLA backend for which the processor is four devices, or skips the test as [XLA] does.
func FourDevices(t testing.TB) compute.Backend {
	t.Helper()
	return openedXLA(t, four)
}

func openedXLA(t testing.TB, open func() (compute.Backend, error)) compute.Backend {
	t.Helper()
	if _, err := xlaConfig(); err != nil {
		const missing = "the XLA plugin is not there: run `go run ./cmd/unipair doctor --fix`"
		if os.Getenv("CI") != "" {
			t.Fatal(missing, err)
		}
		t.Skip(missing, err)
	}
	return opened(t, open)
}

// GoBesideONNXRuntime returns the pure-Go backend where ONNX Runtime is there to compare with. Where it is not, the test is skipped, except in CI.
func GoBesideONNXRuntime(t testing.TB) compute.Backend {
	t.Helper()
	if _, err := onnxruntime.Backend(); errors.Is(err, onnxruntime.ErrNone) {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return Go(t)
}

func opened(t testing.TB, open func() (compute.Backend, error)) compute.Backend {
	t.Helper()
	b, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
