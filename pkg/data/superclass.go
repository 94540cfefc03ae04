package data

import "strings"

// SuperClass is what a class is a kind of, by its name: "Greek" of "Greek/character01", "WOMEN/Dresses" of "WOMEN/Dresses/id_00000002".
// It is empty for a class whose name has no slash.
func SuperClass(class string) string {
	return class[:max(0, strings.LastIndexByte(class, '/'))]
}
