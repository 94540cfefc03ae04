package data

import (
	"fmt"
	"io/fs"
	"strings"
)

func cub() Publication {
	const archive, folder = "CUB_200_2011.tgz", "CUB_200_2011"
	return Publication{
		Name: "cub", About: "Caltech-UCSD Birds 200-2011: 11,788 photographs of 200 kinds of birds",
		Split:   "kinds 1–100 (5,864 images) to learn from, 101–200 (5,924) for the test",
		Address: "https://www.vision.caltech.edu/datasets/cub_200_2011/",
		Licence: "none stated; the photographs are their photographers', for research",
		Paper:   "C. Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, 2011; split: H. O. Song et al., CVPR 2016",
		files: []published{{
			name: archive, url: "https://data.caltech.edu/records/65de6-vp158/files/", size: 1150585339,
			sha256: "0c685df5597a8b24909f6a7c9db6d11e008733779a671760afef78feb49bf081",
		}},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			return r.birds(tree, folder)
		},
	}
}

// birds reads images.txt, whose lines are "1 001.Black_footed_Albatross/Black_Footed_Albatross_0046_18.jpg".
func (r reading) birds(tree fs.FS, folder string) (Parts, error) {
	const first = 100 // the kinds to learn from
	var paths, classes [2][]string
	lines, err := words(tree, folder+"/images.txt", 2, 0)
	if err != nil {
		return Parts{}, err
	}
	for _, line := range lines {
		class, _, ok := strings.Cut(line[1], "/")
		number := 0
		if _, err := fmt.Sscanf(class, "%d.", &number); !ok || err != nil || number < 1 || number > 2*first {
			return Parts{}, fmt.Errorf("images.txt: expected a class from 001 to 200 before the file, found %s", quoted(line[1]))
		}
		part := (number - 1) / first
		paths[part] = append(paths[part], folder+"/images/"+line[1])
		classes[part] = append(classes[part], class)
	}
	train, err := r.images("training", tree, paths[0], classes[0])
	if err != nil {
		return Parts{}, err
	}
	test, err := r.images("test", tree, paths[1], classes[1])
	return Parts{Train: train, Test: test}, err
}
