// Package workspace keeps the private Jupyter environment of the repository in <root>/.workspace. There are a Python environment from a
// lock with hashes (requirements.txt), the GoNB kernel at the version of tools/go.mod, and a warm build cache. Nothing of it is among the
// user's own kernels, settings or packages, and deleting the folder undoes all of it.
package workspace
