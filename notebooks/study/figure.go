package study

import (
	"cmp"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
	"github.com/unipair/unipair/pkg/viz"
)

// Similarities is the history of the scores in the run's batches, see [Similarities].
func (t Trained) Similarities() viz.LineChart { return Similarities(t.Name, t.History) }

// Similarities is the history of the scores in a run's batches: the mean, and a band from the 5 % to the 95 % quantile.
func Similarities(title string, history []train.Record) viz.LineChart {
	curve := func(name string, of func(train.Record) train.Summary) viz.Curve {
		v := viz.Curve{Name: name}
		for _, record := range history {
			s := of(record)
			v.X = append(v.X, float64(record.Step))
			v.Mean, v.Low, v.High = append(v.Mean, s.Mean), append(v.Low, s.Q05), append(v.High, s.Q95)
		}
		return v
	}
	return viz.LineChart{Title: title, Label: "cosine similarity", Low: -0.6, High: 1, Curves: []viz.Curve{
		curve("s_p", func(r train.Record) train.Summary { return r.Positive }),
		curve("s_n", func(r train.Record) train.Summary { return r.Negative }),
	}}
}

// Scatter is the trials in the plane of scores.
func (j Judged) Scatter(title string, boundary viz.Boundary) viz.Scatter {
	s := viz.Scatter{Title: title, Boundary: boundary}
	for _, trial := range j.Trials {
		s.Points = append(s.Points, trial.Score())
	}
	return s
}

// Interval is the one-shot error in percent with a 95 % interval, taken over the runs.
func (j Judged) Interval(name string) viz.ErrorBar {
	n := float64(len(j.OneShot.Runs))
	square := 0.0
	for _, e := range j.OneShot.Runs {
		square += (e - j.OneShot.Error) * (e - j.OneShot.Error)
	}
	half := 0.0
	if n > 1 {
		half = 1.96 * math.Sqrt(square/(n-1)/n)
	}
	mean := 100 * j.OneShot.Error
	return viz.ErrorBar{Name: name, Mean: mean, Low: max(mean-100*half, 0), High: mean + 100*half}
}

// Retrievals are every n-th of the trials with their nearest candidates.
func (j Judged) Retrievals(every, neighbours int) []viz.GalleryRow {
	var all []viz.GalleryRow
	for i := every / 2; i < len(j.Trials); i += every {
		trial := j.Trials[i]
		order := make([]int, len(trial.Candidates))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(trial.Similarities[b], trial.Similarities[a])
		})
		r := viz.GalleryRow{Query: Picture(trial.Query)}
		for _, k := range order[:min(neighbours, len(order))] {
			r.Neighbours = append(r.Neighbours, viz.Retrieved{
				Image: Picture(trial.Candidates[k]), Similarity: trial.Similarities[k], Right: k == trial.Answer})
		}
		all = append(all, r)
	}
	return all
}

// Picture shows a gray image as it is.
func Picture(m data.Image) image.Image {
	out := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
	for i, light := range m.Pixels {
		out.SetGray(i%m.Width, i/m.Width, color.Gray{Y: uint8(math.Round(255 * float64(min(max(light, 0), 1))))})
	}
	return out
}
