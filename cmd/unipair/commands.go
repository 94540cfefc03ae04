package main

// commands lists the program's commands in the order of its help.
func commands() []command {
	return []command{
		{"report", "[NN …] [--out reports] [--quick] [--pdf]", "run the notebooks and write their pages", runReport},
		{"lab", "[--port N]", "open JupyterLab on the notebooks", runLab},
		{"train", "--data D --out DIR [--loss circle] [--set name=value …]", "train a network to embed images", runTrain},
		{"eval", "--checkpoint DIR --data D [--json] [--report FILE]", "measure a trained network", runEval},
		{"data", "[NAME] [--fetch]", "list the data sets, describe one, or fetch it", runData},
		{"export", "--checkpoint DIR --data D --out DIR", "write embeddings, and the network that made them", runExport},
		{"search", "--index DIR --query IMAGE", "find the images most like one", runSearch},
		{"loss", "--list | --name circle [--set name=value …] < batch.json", "compute a loss and its gradient on a batch", runLoss},
		{"bench", "[SUBJECT …] [--list] [--write]", "measure beside JAX, PyTorch, PML and faiss", runBench},
		{"doctor", "[--fix] [--json]", "say what is missing, and set it up", runDoctor},
		{"version", "", "say what the program was built from", runVersion},
	}
}
