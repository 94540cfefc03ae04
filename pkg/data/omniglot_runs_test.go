package data_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/unipair/unipair/pkg/data"
)

// test is an archive of one run: class i has its dot at (i, 1), item i at (i, 2), and the answer of item i is 20−i, from 0.
func test(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	var labels strings.Builder
	for i := 1; i <= 20; i++ {
		files[fmt.Sprintf("run01/training/class%02d.png", i)] = drawing(t, 105, 105, i, 1)
		files[fmt.Sprintf("run01/test/item%02d.png", i)] = drawing(t, 105, 105, i, 2)
		fmt.Fprintf(&labels, "run01/test/item%02d.png run01/training/class%02d.png\n", i, 21-i)
	}
	files["run01/class_labels.txt"] = []byte(labels.String())
	return files
}

func TestReadRuns(t *testing.T) {
	runs, err := data.ReadRuns(pack(t, test(t)), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		run := runs[0]
		training, item := slices.Index(run.Training[i].Pixels, 0), slices.Index(run.Test[i].Pixels, 0)
		if training != 105+i+1 || item != 2*105+i+1 || run.Answer[i] != 19-i {
			t.Errorf("%d: ink at %d and %d, answer %d", i, training, item, run.Answer[i])
		}
	}
}

func TestHostileRuns(t *testing.T) {
	const labels = "run01/class_labels.txt"
	replace := func(from, to string) func(map[string][]byte) {
		return func(f map[string][]byte) { f[labels] = []byte(strings.Replace(string(f[labels]), from, to, 1)) }
	}
	whole := test(t)
	for name, test := range map[string]struct {
		change func(files map[string][]byte)
		says   string
	}{
		"nothing":       {func(f map[string][]byte) { clear(f) }, "expected 41 files, found 0"},
		"no item":       {func(f map[string][]byte) { move(f, "run01/test/item07.png", "run01/test/item7.png") }, "item07.png is missing"},
		"no class":      {func(f map[string][]byte) { move(f, "run01/training/class20.png", "x.png") }, "class20.png is missing"},
		"no labels":     {func(f map[string][]byte) { move(f, labels, "labels.txt") }, "no answer for run01/test/item01.png"},
		"empty labels":  {func(f map[string][]byte) { f[labels] = nil }, "no answer"},
		"no answer":     {replace("run01/test/item03.png run01/training/class18.png\n", ""), "no answer for run01/test/item03.png"},
		"two answers":   {replace("item04.png", "item03.png"), "item03.png"},
		"three paths":   {replace("class18.png", "class18.png again"), "expected two paths"},
		"other run":     {replace("run01/training/class18.png", "run02/training/class18.png"), "run02"},
		"unknown class": {replace("class18.png", "class21.png"), "class21"},
		"small picture": {func(f map[string][]byte) { f["run01/test/item02.png"] = drawing(t, 9, 9, 1, 1) }, "9 × 9"},
		"bomb":          {func(f map[string][]byte) { f[labels] = make([]byte, 64<<20) }, "more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(whole)
			test.change(files)
			_, err := data.ReadRuns(pack(t, files), 1)
			expect(t, err, "made.zip", test.says)
		})
	}
}
