package workspace

import "github.com/unipair/unipair/internal/repository"

// Module is the path of the repository's Go module.
const Module = repository.Module

// Root returns the root of the repository round the working directory, if nobody but the user and root can change what lies in it.
func Root() (string, error) { return repository.Root() }
