package workspace

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backend"
)

// Check is one thing that the workspace needs.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // what is there, or what to do
}

// Checks looks at the machine and at the workspace of the repository at w.Root, and changes nothing.
func (w Workspace) Checks(ctx context.Context) []Check {
	python, version, pythonErr := Python(ctx)
	compiler, compilerErr := Compiler()
	checks := []Check{
		goCheck(ctx),
		check("python", python+" "+version, pythonErr),
		check("gcc", compiler, compilerErr),
	}
	missing := false
	for _, s := range w.steps() {
		err := w.trust(s)
		if err == nil && !w.done(s) {
			missing = true
			err = fmt.Errorf("%s: not set up; `unipair doctor --fix` does it", s.about)
		}
		checks = append(checks, check("workspace "+s.name, "set up", err))
	}
	if missing { // what is set up needs no more space
		free, err := Space(w.Root)
		checks = append(checks, check("disk", fmt.Sprintf("%.1f GB free", float64(free)/(1<<30)), err))
	}
	config, line := backend.Choose()
	err := error(nil)
	if name, plugin, _ := strings.Cut(config, ":"); name != "xla" || strings.HasSuffix(plugin, ".so") { // else go-xla may fetch one
		var b compute.Backend
		if b, _, err = backend.Open(); err == nil {
			b.Finalize()
			if about := backend.About(config); about != "" {
				line += "; " + about
			}
		}
	}
	return append(checks, check("backend", line, err))
}

func check(name, detail string, err error) Check {
	if err != nil {
		return Check{name, false, err.Error()}
	}
	return Check{name, true, detail}
}

func goCheck(ctx context.Context) Check {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return Check{"go", false, "go does not run; install Go and put its bin folder in PATH"}
	}
	return Check{"go", true, strings.TrimSpace(string(out))}
}
