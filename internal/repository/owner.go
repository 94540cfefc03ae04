package repository

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// mostLinks bounds the links that a path leads through, as the kernel does.
const mostLinks = 40

// Ours returns an error unless every part of a path belongs to the user or to root, and nobody else can change it. So must be the paths
// that links in it lead to.
func Ours(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	at, rest, links := "/", parts(path), 0
	if err := check(at, len(rest) == 0); err != nil {
		return err
	}
	for len(rest) > 0 {
		next := rest[0]
		rest = rest[1:]
		if next == ".." {
			at = filepath.Dir(at)
			continue
		}
		at = filepath.Join(at, next)
		if err := check(at, len(rest) == 0); err != nil {
			return err
		}
		to, err := os.Readlink(at)
		if err != nil {
			continue // no link
		}
		if links++; links > mostLinks {
			return fmt.Errorf("%s leads through too many links", path)
		}
		at = filepath.Dir(at)
		if filepath.IsAbs(to) {
			at = "/"
		}
		rest = append(parts(to), rest...)
	}
	return nil
}

// parts returns the names of the folders in a path.
func parts(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == filepath.Separator })
}

// check looks at one file or folder. A folder on the way may be writable for all if it is sticky, as /tmp is: what is ours in it
// stays. The last one may not, for others could add to it.
func check(path string, last bool) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	about, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("it is not known whose %s is", path)
	}
	if about.Uid != 0 && int(about.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (uid %d)", path, about.Uid)
	}
	mode := info.Mode()
	others := mode.Perm()&0o002 != 0 || mode.Perm()&0o020 != 0 && !ownGroup(about.Gid)
	if mode&fs.ModeSymlink != 0 || !others || !last && mode.IsDir() && mode&fs.ModeSticky != 0 {
		return nil
	}
	return fmt.Errorf("others can write to %s (%v)", path, mode)
}

// ownGroup says whether a group is the one that many systems make for each user, by the user's name, and let write by default. Root's is
// not, since root's files are made without that right.
func ownGroup(gid uint32) bool {
	if os.Geteuid() == 0 {
		return false
	}
	self, err := user.Current()
	if err != nil || self.Gid != strconv.Itoa(int(gid)) {
		return false
	}
	group, err := user.LookupGroupId(self.Gid)
	return err == nil && group.Name == self.Username
}
