package data

import (
	"fmt"
	"strconv"
	"strings"
)

func inShop() Publication {
	const archive, list = "img.zip", "list_eval_partition.txt"
	const byHand = "its authors give it after an agreement: ask for it at https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html"
	return Publication{
		Name: "in-shop", About: "DeepFashion In-shop Clothes Retrieval: 52,712 photographs of 7,982 pieces of clothing, 256 × 256",
		Split:   "3,997 pieces (25,882 images) to learn from; 14,218 queries of 3,985 others, looked for in a gallery of 12,612, as published",
		Address: "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html",
		Licence: "non-commercial research only, by agreement with the authors",
		Paper:   "Z. Liu et al., DeepFashion: Powering Robust Clothes Recognition and Retrieval with Rich Annotations, CVPR 2016",
		files: []published{
			{name: archive, url: "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html", byHand: byHand, begins: "PK"},
			{name: list, url: "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html", byHand: byHand, limit: maxListBytes},
		},
		folder: "img",
		read: func(r reading) (Parts, error) {
			raw, err := r.plain(list, maxListBytes)
			if err != nil {
				return Parts{}, err
			}
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			lines, err := readable(list, raw)
			if err != nil {
				return Parts{}, err
			}
			paths, classes, err := partition(list, lines)
			if err != nil {
				return Parts{}, err
			}
			var sets [3]*files
			for i, part := range [][2]string{{"train", "training"}, {"query", "queries"}, {"gallery", "gallery"}} {
				if sets[i], err = r.images(part[1], tree, paths[part[0]], classes[part[0]]); err != nil {
					return Parts{}, err
				}
			}
			return Parts{Train: sets[0], Test: sets[1], Gallery: sets[2]}, nil
		},
	}
}

// partition reads the paths of the images of each part, and the class of each, below a line with their number and one with the names of the
// columns.
func partition(list, text string) (paths, classes map[string][]string, err error) {
	paths, classes = map[string][]string{}, map[string][]string{}
	folders := map[string]string{}
	lines := strings.Split(text, "\n")
	declared, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: expected the number of images in its first line, found %s", list, quoted(lines[0]))
	}
	found := 0
	for number, line := range lines {
		fields := strings.Fields(line)
		if number < 2 || len(fields) == 0 {
			continue
		}
		// img/WOMEN/Dresses/id_00000002/02_1_front.jpg id_00000002 train
		if len(fields) != 3 || fields[2] != "train" && fields[2] != "query" && fields[2] != "gallery" {
			return nil, nil, fmt.Errorf("%s, line %d: expected an image, an item and train, query or gallery, found %s",
				list, number+1, quoted(line))
		}
		item := fields[1]
		if _, known := folders[item]; !known { // an item that lies in two categories is still one
			folders[item] = strings.TrimPrefix(SuperClass(SuperClass(fields[0])), "img/")
		}
		paths[fields[2]] = append(paths[fields[2]], fields[0])
		classes[fields[2]] = append(classes[fields[2]], folders[item]+"/"+item)
		found++
	}
	if found != declared {
		return nil, nil, fmt.Errorf("%s: its first line says %d images, it lists %d: it is cut, get it again", list, declared, found)
	}
	return paths, classes, nil
}
