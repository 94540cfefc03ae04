package data

const omniglotPaper = "B. Lake, R. Salakhutdinov, J. Tenenbaum, Human-level concept learning through probabilistic program induction, Science 2015"

// OmniglotMinimal describes what [OmniglotSmall1], [OmniglotSmall2] and [OneShotRuns] read. [Open] does not read it.
func OmniglotMinimal() Publication {
	return Publication{
		Name: "omniglot", About: "handwritten characters, 105 × 105, gray, each by 20 people: 136 of 5 alphabets (small 1), 156 of 5 (small 2), and 20 one-shot runs of 10 others",
		Split:   "small 1 to learn from, the runs for the test. Where small 2 is in the folder `omniglot`, its 106 characters that are not in small 1 are for the test, too",
		Address: "https://github.com/brendenlake/omniglot", Licence: "MIT", Paper: omniglotPaper,
		files: []published{omniglotSmall1, omniglotSmall2, omniglotRuns},
	}
}

func omniglotFull() Publication {
	return Publication{
		Name: "omniglot-full", About: "handwritten characters, 105 × 105, gray: 964 and 659 characters of 30 and 20 alphabets, each by 20 people",
		Split:   "the background set to learn from, the evaluation set for the test",
		Address: "https://github.com/brendenlake/omniglot", Licence: "MIT",
		Paper: omniglotPaper,
		files: []published{omniglotBackground, omniglotEvaluation},
		read: func(r reading) (Parts, error) {
			train, err := r.characters(omniglotBackground, 964)
			if err != nil {
				return Parts{}, err
			}
			test, err := r.characters(omniglotEvaluation, 659)
			if err != nil {
				return Parts{}, err
			}
			return Parts{Train: train, Test: test}, nil
		},
	}
}

// The archives lie in one folder with those of small 1 and small 2.
var (
	omniglotBackground = published{
		set: "omniglot", name: "images_background.zip", url: omniglotURL, size: 9464212,
		sha256: "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
	}
	omniglotEvaluation = published{
		set: "omniglot", name: "images_evaluation.zip", url: omniglotURL, size: 6462886,
		sha256: "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
	}
)

func (r reading) characters(of published, characters int) (Dataset, error) {
	raw, err := r.published(of.name).content(r.ctx, r.o)
	if err != nil {
		return nil, err
	}
	return readCharacters(r.of.Name+", "+of.name, of.name, raw, characters)
}
