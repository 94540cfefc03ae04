package backend

import (
	"os"
	"path/filepath"
	"strings"
)

// FlagsVariable is the environment variable of XLA that has its flags. Where it is set, to nothing too, Unipair sets none.
const FlagsVariable = "XLA_FLAGS"

// known is an XLA plugin that a workspace may have.
type known struct {
	file   string // below the folder of Python's packages
	flags  string
	onednn string // the library of oneDNN, from that folder on; empty: convolutions are XLA's
}

// plugins has the preferred first: the one for amd64, and the one for arm64, which a workspace of an earlier release has on amd64 too. A plugin
// ends the program that has a flag it does not know.
var plugins = []known{
	// YNNPACK makes products alone, as fast with a transposed side as without. Convolutions and maxima that it makes take the time of one
	// processor. Its sums of products have rounded the same on every processor since the second flag, which costs nothing.
	{"fastatomstruct_xla_cpu/libpjrt_cpu.so",
		"--xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT --xla_cpu_enable_platform_dependent_math=false",
		"../../libdnnl.so.3"},
	{"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so", "", ""},
}

// pluginOf returns the plugin that a configuration of XLA names, by its path or its name; of another backend, nothing.
func pluginOf(config string) string {
	plugin, ok := strings.CutPrefix(config, "xla:")
	if !ok {
		return ""
	}
	plugin, _, _ = strings.Cut(plugin, ",")
	return plugin
}

// onProcessor tells by the name of a plugin whether it computes on the processor.
func onProcessor(plugin string) bool {
	return strings.Contains(strings.ToLower(filepath.Base(plugin)), "cpu")
}

// workspaceOf returns the folder of Python's packages that a plugin lies in, and which of a workspace's plugins it is; of another, nothing.
func workspaceOf(plugin string) (packages string, is known) {
	path, err := filepath.EvalSymlinks(plugin)
	if err != nil {
		return "", known{}
	}
	for _, is := range plugins {
		if packages, ok := strings.CutSuffix(path, "/"+is.file); ok {
			return packages, is
		}
	}
	return "", known{}
}

// Flags returns the flags that XLA gets under a configuration: the user's, else those for the plugin.
func Flags(config string) string {
	if users, ok := os.LookupEnv(FlagsVariable); ok {
		return users
	}
	_, is := workspaceOf(pluginOf(config))
	return is.flags
}

// setFlags puts the flags for a plugin into the environment, unless the user set some, and returns what takes them away again. XLA reads them
// when it is opened; programs that are started later are not to have them, for their XLA may know others.
func setFlags(config string) (unset func()) {
	_, set := os.LookupEnv(FlagsVariable)
	flags := Flags(config)
	if set || flags == "" {
		return func() {}
	}
	_ = os.Setenv(FlagsVariable, flags) // neither the name nor the flags can be refused
	return func() { _ = os.Unsetenv(FlagsVariable) }
}
