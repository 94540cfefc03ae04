package backend

// AddFlags adds flags to those for the plugins of a workspace.
func AddFlags(flags string) {
	for i := range plugins {
		plugins[i].flags += " " + flags
	}
}

// OneDNN returns the library of oneDNN that a plugin is given.
func OneDNN(plugin string) string { return libraryOf(plugin) }
