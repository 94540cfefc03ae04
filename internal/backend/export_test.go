package backend

// AddFlags adds flags to those for the plugins of a workspace.
func AddFlags(flags string) {
	for i := range plugins {
		plugins[i].flags += " " + flags
	}
}
