// Package workspace keeps the private Jupyter environment of the repository in <root>/.workspace: a Python environment from a
// lock with hashes (requirements.txt), the GoNB kernel at the version of tools/go.mod, and a warm build cache. Nothing of it
// is among the user's own kernels, settings or packages, and deleting the folder undoes all of it.
//
//	root.go     where the repository is
//	host.go     what the machine must have: Python, gcc, disk space
//	setup.go    the steps, each stamped with a hash of what it was made from
//	warm.go     downloads and compiles what cells need
//	kernel.go   the kernelspec and the environment that Jupyter runs in
//	process.go  programs that end together with their children
//	guard.go    and what sees to it, also when we are killed
//	temp.go     folders of one run
package workspace
