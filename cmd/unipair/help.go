package main

import (
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

// example is a call that people need first, and what it does.
type example struct{ call, does string }

// firstCalls are those of the program's own help.
var firstCalls = []example{
	{"unipair train --data folder:photos --out run", "learn from your pictures, in a folder per class"},
	{"unipair eval --checkpoint run --data folder:photos", "measure it on classes that it has not seen"},
	{"unipair compare --data folder:photos --out which", "find out which loss to take"},
}

// examples are the first calls of each command.
var examples = map[string][]example{
	"data": {
		{"unipair data", "list what --data takes"},
		{"unipair data folder:photos", "read your own pictures, and say what is wrong with them"},
		{"unipair data cub --fetch", "download a published set"},
	},
	"train": {
		{"unipair train --data folder:photos --out run", "learn from your pictures; the same call goes on after a stop"},
		{"unipair train --data folder:photos --out run --loss triplet --set margin=0.2", "with another loss"},
		{"unipair train --data glyphs --out run --steps 100", "try it: no pictures needed"},
	},
	"eval": {
		{"unipair eval --checkpoint run --data folder:photos", "measure a trained network"},
		{"unipair eval --checkpoint run --data folder:photos --report run.html", "with a page of figures and the worst mistakes"},
		{"unipair eval --architecture pixels --data folder:photos --part test", "measure what has not learnt on the same pictures, to compare with"},
	},
	"compare": {
		{"unipair compare --data folder:photos --out which --minutes 60", "find out in an hour which loss to take"},
		{"unipair compare --data folder:photos --out which --losses circle,triplet,arcface", "compare three"},
		{"unipair compare --data folder:photos --out which --report which.html", "with a page of figures"},
	},
	"export": {
		{"unipair export --checkpoint run --data folder:photos --part all --out index", "embed all pictures, for unipair search"},
		{"unipair export --checkpoint run --data folder:photos --part all --out table --format csv", "with a table for other programs"},
		{"unipair export --checkpoint run --out network.onnx --format onnx", "the network alone"},
	},
	"index": {
		{"unipair export --checkpoint run --data folder:photos --part all --out index", "make an index of all pictures"},
		{"unipair index add --index index --data folder:more", "add pictures to it"},
		{"unipair search --index index --query cat.jpg", "find the pictures most like one"},
	},
	"search": {
		{"unipair search --index index --query cat.jpg", "find the pictures most like one"},
		{"unipair search --index index --query cat.jpg --top 3 --json", "the first three, for machines"},
		{"unipair search --index index --query cat.jpg --classify --thresholds run.json", "name its class, by what unipair eval --json printed"},
	},
	"loss": {
		{"unipair loss --list", "list every loss: formula, parameters, paper"},
		{"unipair loss --name circle < batch.json", `of a batch such as {"embeddings": [[1, 0], [0.6, 0.8], [0, 1]], "labels": [0, 0, 1]}`},
		{"unipair loss --name triplet --set margin=0.2 < batch.json", "with another parameter"},
	},
	"report": {
		{"unipair report", "run all notebooks, and write their pages to reports"},
		{"unipair report --quick", "with trainings cut short, to see that all works"},
		{"unipair report 02 --out pages", "one notebook, to another folder"},
	},
	"lab": {
		{"unipair lab", "open JupyterLab on the notebooks"},
		{"unipair lab --no-browser --port 8889", "print the address instead, of another port"},
	},
	"bench": {
		{"unipair bench", "measure what matters most, in about five minutes"},
		{"unipair bench --list", "list the subjects, and how long each takes"},
		{"unipair bench pairs --losses circle", "measure one subject, of one loss"},
	},
	"doctor": {
		{"unipair doctor", "say what is missing"},
		{"unipair doctor --fix", "set it up"},
		{"unipair doctor --json", "for machines"},
	},
	"version": {{"unipair version", "for a report of a fault"}},
}

// printHelp says what the program is for, what to call first, and which commands there are.
func printHelp(w io.Writer) error {
	var text strings.Builder
	text.WriteString("Unipair trains, compares and searches image embeddings, by losses that learn from similar and dissimilar pairs.\n\nBegin with:\n")
	writeExamples(&text, firstCalls)
	text.WriteString("No pictures at hand? --data glyphs needs none.\n\nCommands:\n")
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", c.name, c.about)
	}
	table.Flush()
	text.WriteString("\n`unipair COMMAND --help` shows the calls and the flags of a command.\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// printCommand prints what a command does, what to call first, and its flags, with two dashes, as we write them.
func printCommand(flags *flag.FlagSet, w io.Writer) error {
	all := commands()
	c := all[slices.IndexFunc(all, func(c command) bool { return c.name == flags.Name() })]
	var text, list strings.Builder
	fmt.Fprintf(&text, "unipair %s: %s\n\nBegin with:\n", c.name, c.about)
	writeExamples(&text, examples[c.name])
	fmt.Fprintf(&text, "\n%s\n", strings.TrimSpace("Usage: unipair "+c.name+" "+c.usage))
	flags.SetOutput(&list)
	flags.PrintDefaults()
	text.WriteString(atFlag.ReplaceAllString(list.String(), "  --"))
	_, err := io.WriteString(w, text.String())
	return err
}

// atFlag finds where package flag names a flag.
var atFlag = regexp.MustCompile(`(?m)^  -`)

func writeExamples(w io.Writer, all []example) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range all {
		fmt.Fprintf(table, "  %s\t%s\n", e.call, e.does)
	}
	table.Flush()
}
