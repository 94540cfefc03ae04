package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
)

// needed is the free disk space that a set-up takes, with room to work: about 0.7 GB of Python packages, the rest caches of Go.
const needed = 2 << 30

// pythons are the names that Python goes by, the plain one first: it is the one that the user has chosen.
var pythons = []string{"python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"}

// probe prints the version if it is new enough and can make virtual environments.
const probe = `import sys
if sys.version_info < (3, 10): sys.exit("%d.%d" % sys.version_info[:2])
try:
    import venv, ensurepip
except ImportError:
    sys.exit("venv")
print("%d.%d.%d" % sys.version_info[:3])`

// versionText matches what probe says of a Python that is too old.
var versionText = regexp.MustCompile(`^\d+\.\d+$`)

// Python finds a Python that can make the environment, and its version.
func Python(ctx context.Context) (path, version string, err error) {
	err = errors.New("python 3.10 or newer is needed and none is in PATH; install python3 with its venv module")
	for _, name := range pythons {
		found, lookErr := exec.LookPath(name)
		if lookErr != nil {
			continue
		}
		var complaint bytes.Buffer
		command := exec.CommandContext(ctx, found, "-I", "-c", probe) // isolated: no module of the working directory is run
		command.Stderr = &complaint
		out, runErr := command.Output()
		if runErr == nil {
			return found, strings.TrimSpace(string(out)), nil
		}
		switch text := strings.TrimSpace(complaint.String()); {
		case text == "venv":
			err = fmt.Errorf("%s has no venv module; install it (Debian and Ubuntu: apt install python3-venv)", found)
		case versionText.MatchString(text):
			err = fmt.Errorf("python 3.10 or newer is needed and %s is %s; install a newer python3 with its venv module", found, text)
		default:
			err = fmt.Errorf("%s does not run (%w); install python3 with its venv module", found, runErr)
		}
	}
	return "", "", err
}

// Compiler finds the C compiler that cgo asks for; XLA's bindings are compiled with it.
func Compiler() (path string, err error) {
	if path, err = exec.LookPath("gcc"); err != nil {
		return "", errors.New("gcc is needed to compile XLA's bindings and is not in PATH; install it (Debian and Ubuntu: apt install gcc libc6-dev)")
	}
	return path, nil
}

// Space returns the free bytes of the disk that holds dir, and an error if a set-up does not fit.
func Space(dir string) (free uint64, err error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	free = uint64(stat.Bavail) * uint64(stat.Bsize)
	return free, enough(dir, free)
}

func enough(dir string, free uint64) error {
	if free < needed {
		return fmt.Errorf("%s has %.1f GB free and a set-up needs %d GB; free some space", dir, float64(free)/(1<<30), needed>>30)
	}
	return nil
}
