package main

// commands lists the program's commands in the order of its help.
func commands() []command {
	return []command{
		{"report", "[NN …] [--out reports]", "run the notebooks and write their pages", runReport},
		{"lab", "[--port N]", "open JupyterLab on the notebooks", runLab},
		{"doctor", "[--fix] [--json]", "say what is missing, and set it up", runDoctor},
	}
}
