package data

import (
	"context"
	"fmt"
	"strings"
)

var omniglotRuns = published{
	set: "omniglot", name: "all_runs.zip", url: omniglotURL, size: 352787, licence: omniglotLicence,
	sha256: "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325",
}

// OneShotRun is one of Omniglot's official tests. Having seen one image of each of 20 characters of an alphabet, one says of 20 other
// images, each by itself, which character it is. One must not use that each character comes once among them.
type OneShotRun struct {
	Training []Image // one image of each character
	Test     []Image // by another drawer
	Answer   []int   // of each test image, the index of the training image of the same character
	Format   Format  // of all images
}

// OneShotRuns returns the 20 official runs of 20 trials each, from alphabets that are in no background set. They are for a last
// evaluation: choose nothing by them. The error of a method is the mean over the runs. Images are as in their files: paper is 1, ink 0.
//
// The archive is $UNIPAIR_DATA/omniglot/all_runs.zip, else the same in the cache, else it is downloaded (0.4 MB). It is
// checked by SHA-256 each time.
func OneShotRuns(ctx context.Context, o Options) ([]OneShotRun, error) {
	raw, err := omniglotRuns.content(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	runs, err := readRuns(omniglotRuns.name, raw, 20)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return runs, nil
}

// ways counts the characters of a run.
const ways = 20

// readRuns reads runNN/training/classNN.png, runNN/test/itemNN.png and runNN/class_labels.txt.
func readRuns(file string, archive []byte, runs int) ([]OneShotRun, error) {
	all, err := entries(file, archive)
	if err != nil {
		return nil, err
	}
	if want := runs * (2*ways + 1); len(all) != want {
		return nil, fmt.Errorf("%s: expected %d files, found %d", file, want, len(all))
	}
	byPath := make(map[string]entry, len(all))
	for _, e := range all {
		byPath[e.path] = e
	}
	read := make([]OneShotRun, runs)
	for n := range read {
		if read[n], err = readRun(fmt.Sprintf("run%02d", n+1), byPath); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return read, nil
}

func readRun(folder string, byPath map[string]entry) (run OneShotRun, err error) {
	run.Format = Format{Channels: 1, DarkOnLight: true}
	training, test := make([]string, ways), make([]string, ways)
	index := make(map[string]int, ways)
	for i := range ways {
		training[i] = fmt.Sprintf("%s/training/class%02d.png", folder, i+1)
		test[i] = fmt.Sprintf("%s/test/item%02d.png", folder, i+1)
		index[training[i]] = i
	}
	if run.Training, err = pictures(training, byPath); err != nil {
		return run, err
	}
	if run.Test, err = pictures(test, byPath); err != nil {
		return run, err
	}
	// A line is "test image, training image of the same character".
	labels := folder + "/class_labels.txt"
	answers := make(map[string]int, ways)
	for line := range strings.Lines(string(byPath[labels].raw)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return run, fmt.Errorf("%s: expected two paths a line, found %q", labels, line)
		}
		answer, ok := index[fields[1]]
		if _, twice := answers[fields[0]]; !ok || twice {
			return run, fmt.Errorf("%s: expected each test image once, with a training image, found %q", labels, line)
		}
		answers[fields[0]] = answer
	}
	for _, item := range test {
		answer, ok := answers[item]
		if !ok {
			return run, fmt.Errorf("%s: no answer for %s", labels, item)
		}
		run.Answer = append(run.Answer, answer)
	}
	return run, nil
}

func pictures(paths []string, byPath map[string]entry) ([]Image, error) {
	images := make([]Image, len(paths))
	for i, path := range paths {
		e, ok := byPath[path]
		if !ok {
			return nil, fmt.Errorf("%s is missing", path)
		}
		pixels, err := e.pixels()
		if err != nil {
			return nil, err
		}
		images[i] = fromBytes(side, side, pixels)
	}
	return images, nil
}
