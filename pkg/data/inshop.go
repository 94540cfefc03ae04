package data

import (
	"fmt"
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
			{name: list, url: "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/InShopRetrieval.html", byHand: byHand},
		},
		folder: "img",
		read: func(r reading) (Parts, error) {
			raw, err := r.plain(list)
			if err != nil {
				return Parts{}, err
			}
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			paths, classes := map[string][]string{}, map[string][]string{}
			folders := map[string]string{}
			for number, line := range strings.Split(string(raw), "\n") {
				fields := strings.Fields(line)
				if number < 2 || len(fields) == 0 { // the number of images, and the names of the columns
					continue
				}
				// img/WOMEN/Dresses/id_00000002/02_1_front.jpg id_00000002 train
				if len(fields) != 3 || fields[2] != "train" && fields[2] != "query" && fields[2] != "gallery" {
					return Parts{}, fmt.Errorf("%s, line %d: expected an image, an item and train, query or gallery, found %q", list, number+1, line)
				}
				item := fields[1]
				if _, known := folders[item]; !known { // an item that lies in two categories is still one
					folders[item] = strings.TrimPrefix(SuperClass(SuperClass(fields[0])), "img/")
				}
				paths[fields[2]] = append(paths[fields[2]], fields[0])
				classes[fields[2]] = append(classes[fields[2]], folders[item]+"/"+item)
			}
			return Parts{
				Train:   r.images("training", tree, paths["train"], classes["train"]),
				Test:    r.images("queries", tree, paths["query"], classes["query"]),
				Gallery: r.images("gallery", tree, paths["gallery"], classes["gallery"]),
			}, nil
		},
	}
}
