package data

func onlineProducts() Publication {
	const archive, folder = "Stanford_Online_Products.zip", "Stanford_Online_Products"
	const address = "ftp://cs.stanford.edu/cs/cvgl/" + archive
	return Publication{
		Name: "online-products", About: "Stanford Online Products: 120,053 photographs of 22,634 things for sale, in 12 super-classes",
		Split:   "11,318 things (59,551 images) to learn from, 11,316 (60,502) for the test, as published",
		Address: "https://cvgl.stanford.edu/projects/lifted_struct/",
		Licence: "none stated; the photographs are from eBay's sellers, for research",
		Paper:   "H. O. Song et al., Deep Metric Learning via Lifted Structured Feature Embedding, CVPR 2016",
		files: []published{{
			name: archive, url: address, size: 3083860082, sha256: "b04fa78210e69fab050ce73939550e1cd0f96890bdd98ec9fee732c3b756ef48",
			byHand: "it is published by FTP, which this program does not speak: fetch it by `curl -C - -O " + address + "`",
		}},
		folder: folder,
		read: func(r reading) (Parts, error) {
			tree, err := r.tree(archive)
			if err != nil {
				return Parts{}, err
			}
			var sets [2]*files
			for i, list := range []string{"Ebay_train.txt", "Ebay_test.txt"} {
				// image_id class_id super_class_id path, where the path begins with the super-class: bicycle_final/111085122871_0.JPG
				lines, err := words(tree, folder+"/"+list, 4, 1)
				if err != nil {
					return Parts{}, err
				}
				var paths, classes []string
				for _, line := range lines {
					paths = append(paths, folder+"/"+line[3])
					classes = append(classes, SuperClass(line[3])+"/"+line[1])
				}
				if sets[i], err = r.images([]string{"training", "test"}[i], tree, paths, classes); err != nil {
					return Parts{}, err
				}
			}
			return Parts{Train: sets[0], Test: sets[1]}, nil
		},
	}
}
