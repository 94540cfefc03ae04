package data

func mnist() Publication {
	const url = "https://storage.googleapis.com/cvdf-datasets/mnist/" // the authors' own server has refused programs for years
	return Publication{
		Name: "mnist", About: "handwritten digits, 28 × 28, gray: 60,000 and 10,000 images of 10 classes",
		Split:   "the training images of digits 0–4 to learn from; the test images of 5–9, unseen, for the test",
		Address: "http://yann.lecun.com/exdb/mnist/", Licence: "copyright Y. LeCun and C. Cortes; CC BY-SA 3.0",
		Paper: "Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998",
		files: []published{
			{name: trainImages, url: url, size: 9912422, sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
			{name: trainLabels, url: url, size: 28881, sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
			{name: testImages, url: url, size: 1648877, sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{name: testLabels, url: url, size: 4542, sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
		},
		read: func(r reading) (Parts, error) {
			return r.idxHalves("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
		},
	}
}

func fashionMNIST() Publication {
	const url = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
	// The second version of each is Debian's package dataset-fashion-mnist, which compresses the same content itself.
	return Publication{
		Name: "fashion-mnist", About: "pictures of clothes, 28 × 28, gray: 60,000 and 10,000 images of 10 classes",
		Split:   "the training images of the first 5 classes to learn from; the test images of the other 5, unseen, for the test",
		Address: "https://github.com/zalandoresearch/fashion-mnist", Licence: "MIT",
		Paper: "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, 2017",
		files: []published{
			{name: trainImages, url: url, size: 26421880, sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
				also: []version{{26421856, "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"}}},
			{name: trainLabels, url: url, size: 29515, sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
				also: []version{{29491, "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"}}},
			{name: testImages, url: url, size: 4422102, sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
				also: []version{{4422079, "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"}}},
			{name: testLabels, url: url, size: 5148, sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
				also: []version{{5125, "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"}}},
		},
		read: func(r reading) (Parts, error) {
			return r.idxHalves("T-shirt or top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
		},
	}
}

// maxIDXBytes bounds what a file unpacks to: 60,000 images of 28 × 28 have 47 MB.
const maxIDXBytes = 1 << 26

// The four files of MNIST and of what followed its form.
const (
	trainImages = "train-images-idx3-ubyte.gz"
	trainLabels = "train-labels-idx1-ubyte.gz"
	testImages  = "t10k-images-idx3-ubyte.gz"
	testLabels  = "t10k-labels-idx1-ubyte.gz"
)

// idxHalves reads the four files and divides them by class.
func (r reading) idxHalves(classes ...string) (Parts, error) {
	var raw [4][]byte
	for i, name := range []string{trainImages, trainLabels, testImages, testLabels} {
		var err error
		if raw[i], err = r.gunzip(name, maxIDXBytes); err != nil {
			return Parts{}, err
		}
	}
	train, err := idxSet(r.of.Name+", training images", raw[0], raw[1], classes)
	if err != nil {
		return Parts{}, err
	}
	test, err := idxSet(r.of.Name+", test images", raw[2], raw[3], classes)
	if err != nil {
		return Parts{}, err
	}
	return halves(r.of.Name, train, test), nil
}
