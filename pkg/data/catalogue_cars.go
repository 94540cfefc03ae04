package data

import (
	"fmt"
	"math"
	"strings"
)

func cars() Publication {
	const url = "https://ai.stanford.edu/~jkrause/car196/"
	const archive, list, folder = "car_ims.tgz", "cars_annos.mat", "car_ims"
	return Publication{
		Name: "cars196", About: "Stanford Cars: 16,185 photographs of 196 models of cars",
		Split:   "models 1–98 (8,054 images) to learn from, 99–196 (8,131) for the test",
		Address: "https://ai.stanford.edu/~jkrause/cars/car_dataset.html",
		Licence: "none stated; the photographs are their photographers', for research",
		Paper:   "J. Krause et al., 3D Object Representations for Fine-Grained Categorization, 3dRR 2013; split: H. O. Song et al., CVPR 2016",
		files:   []published{{name: archive, url: url, begins: "\x1f\x8b"}, {name: list, url: url, begins: "MATLAB 5.0", limit: maxMATBytes}},
		folder:  folder,
		read: func(r reading) (Parts, error) {
			raw, err := r.plain(list, maxMATBytes)
			if err != nil {
				return Parts{}, err
			}
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			paths, numbers, names, err := carList(raw)
			if err != nil {
				return Parts{}, fmt.Errorf("%s: %w", list, err)
			}
			var parts [2]struct{ paths, classes []string }
			for i, path := range paths {
				part := &parts[(numbers[i]-1)/(len(names)/2)]
				part.paths = append(part.paths, path)
				part.classes = append(part.classes, fmt.Sprintf("%03d %s", numbers[i], names[numbers[i]-1]))
			}
			train, err := r.images("training", tree, parts[0].paths, parts[0].classes)
			if err != nil {
				return Parts{}, err
			}
			test, err := r.images("test", tree, parts[1].paths, parts[1].classes)
			return Parts{Train: train, Test: test}, err
		},
	}
}

// carList reads the images of cars_annos.mat, the number of the model that each shows, from 1, and the names of the models. They are the
// struct array "annotations" with "relative_im_path" and "class", and the cell array "class_names".
func carList(raw []byte) (paths []string, numbers []int, names []string, err error) {
	variables, err := parseMAT(raw)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, name := range variables["class_names"].cells {
		names = append(names, strings.ReplaceAll(name.text, "/", "-")) // a slash would make a super-class of "Ram C/V Cargo Van"
	}
	images := variables["annotations"].fields
	if len(names) < 2 || len(names)%2 != 0 || len(images["relative_im_path"]) == 0 || len(images["relative_im_path"]) != len(images["class"]) {
		return nil, nil, nil, fmt.Errorf("expected annotations with a relative_im_path and a class each, and class_names, found %d, %d and %d",
			len(images["relative_im_path"]), len(images["class"]), len(names))
	}
	for i, path := range images["relative_im_path"] {
		number := images["class"][i].numbers
		if !plainPath(path.text) || len(number) != 1 || number[0] != math.Trunc(number[0]) || !(number[0] >= 1 && number[0] <= float64(len(names))) {
			return nil, nil, nil, fmt.Errorf("image %d: path %s, class %s of %d",
				i+1, quoted(path.text), shortened(fmt.Sprint(number), maxQuoted), len(names))
		}
		paths, numbers = append(paths, path.text), append(numbers, int(number[0]))
	}
	return paths, numbers, names, nil
}
