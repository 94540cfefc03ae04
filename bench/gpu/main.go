// Command gpu measures Unipair on a GPU beside JAX and PyTorch on the same one, on a machine that has no network and none of the sources.
// bench/gpu/prepare.sh builds here what that machine is given: a folder with this program, the test of golden values, the peers' programs
// and a network. There, run.sh in that folder does the rest:
//
//	bench/gpu/prepare.sh NETWORK.onnx FOLDER    # here
//	FOLDER/run.sh PLUGIN                        # there: a CUDA plugin of PJRT, such as JAX's xla_cuda_plugin.so
//	FOLDER/run.sh PLUGIN -platform cpu          # a rehearsal on a CPU's plugin
//
// It takes ten minutes at most, and writes table.md beside itself after each part. What is not there, such as JAX, is said in it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/bench/losstime"
	"github.com/unipair/unipair/internal/backend"
	"github.com/unipair/unipair/internal/file"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gpu:", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// words holds what run.sh passes on.
type words struct {
	plugin, platform, python, data string
	sizes                          []int
	minutes                        float64
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve": // beside the peers
		return losstime.Serve(ctx, os.Stdin, os.Stdout)
	case len(args) == 3 && args[0] == "prepare":
		return describe(args[1], args[2])
	}
	w := words{sizes: []int{512, 2048, 8192, 16384}}
	flags := flag.NewFlagSet("gpu", flag.ContinueOnError)
	flags.StringVar(&w.plugin, "plugin", "", "path of the PJRT plugin")
	flags.StringVar(&w.platform, "platform", "cuda", "what the plugin must be for: cuda, or cpu for a rehearsal")
	flags.StringVar(&w.python, "python", "python3", "the Python that has JAX and PyTorch, as far as they are there")
	flags.StringVar(&w.data, "data", ".", "folder that prepare.sh made")
	flags.Float64Var(&w.minutes, "minutes", 9, "when to end: what is not begun by then is said to be not run")
	small := flags.Bool("small", false, "the smallest sizes alone, for a rehearsal")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if *small {
		w.sizes = []int{128}
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not understood: see -help", flags.Arg(0))
	}
	return w.measure(ctx)
}

// measure opens the device and runs the parts on it.
func (w words) measure(ctx context.Context) error {
	if err := w.check(); err != nil {
		return err
	}
	config := "xla:" + w.plugin
	if w.platform == "cuda" {
		config += ",tf32=false" // all compute in float32: what 19 bits save, they save everybody
	}
	device, err := backend.New(config, 1)
	if err != nil {
		return fmt.Errorf("the plugin %s does not start: %w", w.plugin, err)
	}
	said, err := platformOf(device, w.platform)
	if err != nil {
		return fmt.Errorf("%s %w", w.plugin, err)
	}
	for name, value := range map[string]string{
		backend.Variable: config, backend.CompiledVariable: "off", "UNIPAIR_TORCH_DEVICE": w.platform,
		"JAX_DEFAULT_MATMUL_PRECISION": "highest", "XLA_PYTHON_CLIENT_PREALLOCATE": "false", // three processes share the memory
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(time.Duration(w.minutes * float64(time.Minute)))
	return w.parts(ctx, device, said, deadline)
}

// check returns an error unless what is needed is there.
func (w words) check() error {
	switch {
	case w.platform != "cuda" && w.platform != "cpu":
		return fmt.Errorf("-platform %s: want cuda, or cpu for a rehearsal", w.platform)
	case w.plugin == "":
		return errors.New("there is no plugin: give the path of a CUDA plugin of PJRT, -plugin PATH; with JAX for CUDA it is " +
			"jax_plugins/xla_cuda13/xla_cuda_plugin.so in its site-packages (or xla_cuda12)")
	case !filepath.IsAbs(w.plugin):
		return fmt.Errorf("-plugin %s: want an absolute path", w.plugin)
	case w.minutes <= 0 || w.minutes > 60:
		return fmt.Errorf("-minutes %g: want more than 0, at most 60", w.minutes)
	}
	opened, err := file.Open(w.plugin)
	if err != nil {
		return fmt.Errorf("there is no plugin: %w", err)
	}
	if err := opened.Close(); err != nil {
		return err
	}
	for _, name := range []string{goldenTest, networkFile, describeFile, weightsFile, "bench/losstime/jax_peer.py", "bench/gpu/backbone_peer.py"} {
		if _, err := os.Stat(filepath.Join(w.data, name)); err != nil {
			return fmt.Errorf("-data %s has no %s: bench/gpu/prepare.sh makes it whole", w.data, name)
		}
	}
	return nil
}

// platformOf returns what the device says of itself, or an error unless it is of the platform.
func platformOf(device compute.Backend, want string) (string, error) {
	said := device.Description()
	if describes, ok := device.(interface {
		DeviceDescription(compute.DeviceNum) string
	}); ok {
		said = describes.DeviceDescription(0)
	}
	got, lower := "another platform", strings.ToLower(said)
	switch {
	case strings.Contains(lower, "cpu"):
		got = "cpu"
	case strings.Contains(lower, "cuda"), strings.Contains(lower, "gpu"):
		got = "cuda"
	}
	if got != want {
		return "", fmt.Errorf("is for %s, and -platform is %s (its device says %q): give a plugin for %s", got, want, said, want)
	}
	return said, nil
}
