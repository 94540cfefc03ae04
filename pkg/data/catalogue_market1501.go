package data

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
)

func market1501() Publication {
	const archive, folder = "Market-1501-v15.09.15.zip", "Market-1501-v15.09.15"
	return Publication{
		Name: "market1501", About: "Market-1501: 32,668 photographs of 1,501 people by 6 cameras, 64 × 128",
		Split: "751 people (12,936 images) to learn from; 3,368 queries of 750 others, looked for in a gallery of 15,913 with distractors. " +
			"Images marked as junk are left out, cameras are known",
		Address: "https://zheng-lab-anu.github.io/Project/project_reid.html",
		Licence: "none stated; for research",
		Paper:   "L. Zheng et al., Scalable Person Re-identification: A Benchmark, ICCV 2015",
		files: []published{{
			name: archive, url: "https://zheng-lab-anu.github.io/Project/project_reid.html", begins: "PK",
			byHand: "its authors give it by links that no program can follow: fetch it from https://zheng-lab-anu.github.io/Project/project_reid.html",
		}},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			var sets [3]*files
			for i, part := range [][2]string{{"bounding_box_train", "training"}, {"query", "queries"}, {"bounding_box_test", "gallery"}} {
				if sets[i], err = r.people(tree, folder+"/"+part[0], part[1]); err != nil {
					return Parts{}, err
				}
			}
			return Parts{Train: sets[0], Test: sets[1], Gallery: sets[2]}, nil
		},
	}
}

// personFile matches the name of a file, which names a person and a camera: 0002_c1s1_000451_03.jpg. Person 0000 is somebody else in the
// background, whom no query asks for, and −1 is a box that shows too little.
var personFile = regexp.MustCompile(`^(-1|\d{4})_c(\d)s\d_\d+_\d+\.jpg$`)

// people reads a folder of images of people.
func (r reading) people(tree fs.FS, folder, part string) (*files, error) {
	entries, err := fs.ReadDir(tree, folder)
	if err != nil {
		return nil, err
	}
	var paths, people []string
	var cameras []int
	for _, e := range entries {
		if path.Ext(e.Name()) != ".jpg" {
			continue // Thumbs.db
		}
		match := personFile.FindStringSubmatch(e.Name())
		if match == nil {
			return nil, fmt.Errorf("%s: expected a name like 0002_c1s1_000451_03.jpg", quoted(folder+"/"+e.Name()))
		}
		if match[1] == "-1" {
			continue
		}
		camera, err := strconv.Atoi(match[2])
		if err != nil {
			return nil, err
		}
		paths, people, cameras = append(paths, folder+"/"+e.Name()), append(people, match[1]), append(cameras, camera)
	}
	f, err := r.images(part, tree, paths, people)
	if err != nil {
		return nil, err
	}
	f.cameras = cameras
	return f, nil
}
