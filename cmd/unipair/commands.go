package main

// commands lists the program's commands in the order of its help.
func commands() []command {
	return []command{}
}
