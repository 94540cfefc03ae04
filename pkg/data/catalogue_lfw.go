package data

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

func lfw() Publication {
	const archive, list, folder = "lfw.tgz", "pairs.txt", "lfw"
	return Publication{
		Name: "lfw", About: "Labeled Faces in the Wild: 13,233 photographs of 5,749 people, 250 × 250, and 6,000 pairs in 10 folds",
		Split:   "no part to learn from (learn elsewhere): all images are for the test, compared by the pairs of View 2",
		Address: "http://vis-www.cs.umass.edu/lfw/",
		Licence: "none stated; the photographs are from the news, for research",
		Paper:   "G. Huang et al., Labeled Faces in the Wild: A Database for Studying Face Recognition in Unconstrained Environments, 2007",
		files: []published{ // the authors' server is often down: this is the copy that scikit-learn fetches and knows the hashes of
			{name: archive, url: "https://ndownloader.figshare.com/files/5976018", size: 180566744, sha256: "055f7d9c632d7370e6fb4afc7468d40f970c34a80d4c6f50ffec63f5a8d536c0"},
			{name: list, url: "https://ndownloader.figshare.com/files/5976006", size: 155335, sha256: "ea42330c62c92989f9d7c03237ed5d591365e89b3e649747777b70e692dc1592"},
		},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			raw, err := r.plain(list, maxListBytes)
			if err != nil {
				return Parts{}, err
			}
			lines, err := readable(list, raw)
			if err != nil {
				return Parts{}, err
			}
			faces, err := r.faces(tree, folder)
			if err != nil {
				return Parts{}, err
			}
			pairs, err := faces.pairs(folder, list, lines)
			return Parts{Test: faces, Pairs: pairs}, err
		},
	}
}

// faces reads a folder for each person.
func (r reading) faces(tree fs.FS, folder string) (*files, error) {
	var paths, people []string
	err := fs.WalkDir(tree, folder, func(file string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && path.Ext(file) == ".jpg" {
			paths, people = append(paths, file), append(people, path.Base(path.Dir(file)))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.images("faces", tree, paths, people)
}

// pairs reads a list of pairs. Its first line has the number of folds and half the pairs of a fold. A fold has first so many lines "name i
// j" of one person's images i and j, and then as many "name i name j" of two.
func (f *files) pairs(folder, list, text string) ([]Pair, error) {
	index := make(map[string]int, len(f.paths))
	for i, file := range f.paths {
		index[file] = i
	}
	image := func(name, number string) (int, error) {
		n, err := strconv.Atoi(number)
		i, ok := index[fmt.Sprintf("%s/%s/%s_%04d.jpg", folder, name, name, n)]
		if err != nil || !ok {
			return 0, fmt.Errorf("there is no image %s of %s", shortened(number, maxQuoted), shortened(name, maxQuoted))
		}
		return i, nil
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	folds, half := 0, 0
	_, err := fmt.Sscan(lines[0], &folds, &half)
	if err != nil || folds < 1 || half < 1 || folds > len(lines) || half > len(lines) || len(lines)-1 != 2*folds*half {
		return nil, fmt.Errorf("%s: expected the numbers of folds and of pairs and as many lines, found %s and %d lines",
			list, quoted(lines[0]), len(lines)-1)
	}
	var pairs []Pair
	for n, line := range lines[1:] {
		fields := strings.Fields(line)
		p := Pair{Same: n%(2*half) < half, Fold: n / (2 * half)}
		if want := map[bool]int{true: 3, false: 4}[p.Same]; len(fields) != want {
			return nil, fmt.Errorf("%s, line %d: expected %d words, found %s", list, n+2, want, quoted(line))
		}
		other := fields[len(fields)-2]
		if p.Same {
			other = fields[0]
		}
		var err error
		if p.A, err = image(fields[0], fields[1]); err == nil {
			p.B, err = image(other, fields[len(fields)-1])
		}
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", list, n+2, err)
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}
