// Package file opens, reads and writes the program's files. What is opened is a regular file and never waits for another program;
// what is read whole has a size within its kind's limit. What is written is whole or absent, whenever the program is killed.
//
// Its errors about a file are those of package os, or refusals that wrap an [fs.PathError] too: they name the path, and callers need not.
//
// No other package opens files by package os: a test in internal/architecture says so.
package file
