package main

import (
	"embed"
	"path"
	"slices"
	"strings"

	"github.com/unipair/unipair/internal/suggest"
	"github.com/unipair/unipair/internal/usage"
)

// recipeFiles are trainings that are measured, in the form of a run's file.
//
//go:embed recipes/*.yaml
var recipeFiles embed.FS

// recipeNames lists the recipes.
func recipeNames() []string {
	entries, err := recipeFiles.ReadDir("recipes")
	if err != nil {
		panic(err) // they are in the program
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())))
	}
	return names
}

// findRecipe returns the run of a recipe.
func findRecipe(name string) (runFile, error) {
	if !slices.Contains(recipeNames(), name) {
		return runFile{}, usage.Errorf("train: unknown recipe %q: %s", name, suggest.For(name, recipeNames()))
	}
	text, err := recipeFiles.ReadFile("recipes/" + name + ".yaml")
	if err != nil {
		return runFile{}, err
	}
	return parseRunFile("recipe "+name, text)
}
