package annotate

import (
	"fmt"

	"github.com/unipair/unipair/notebooks/omniglot"
	"github.com/unipair/unipair/pkg/viz"
)

// Accuracies returns the accuracy in percent over the labels told: the mean over seeds, in a band of one standard deviation to each side.
func (o Outcome) Accuracies() viz.Curve {
	return o.curve(func(seed, round int) float64 { return 100 * o.Accuracy[seed][round] })
}

// Classes returns the same of the number of classes that have a label.
func (o Outcome) Classes() viz.Curve {
	return o.curve(func(seed, round int) float64 { return float64(o.Found[seed][round]) })
}

func (o Outcome) curve(of func(seed, round int) float64) viz.Curve {
	c := viz.Curve{Name: o.Name}
	for round, labels := range o.Labels {
		var values []float64
		for seed := range o.Accuracy {
			values = append(values, of(seed, round))
		}
		mean, deviation := omniglot.Spread(values)
		c.X, c.Mean = append(c.X, float64(labels)), append(c.Mean, mean)
		c.Low, c.High = append(c.Low, mean-deviation), append(c.High, mean+deviation)
	}
	return c
}

// Histories returns two pictures of outcomes: their accuracy, and how many classes have a label.
func Histories(title string, outcomes ...Outcome) []viz.LineChart {
	accuracy := viz.LineChart{Title: title + ": accuracy", Across: "labels", Label: "accuracy (%)"}
	classes := viz.LineChart{Title: title + ": classes", Across: "labels", Label: "classes with a label"}
	for _, o := range outcomes {
		accuracy.Curves, classes.Curves = append(accuracy.Curves, o.Accuracies()), append(classes.Curves, o.Classes())
	}
	return []viz.LineChart{accuracy, classes}
}

// Leads returns a picture of how many points other strategies are over the first. It is the mean of the difference from seed to seed, in a
// band of one standard deviation to each side. All play each seed in the same pool from the same labels, so the differences are paired.
func Leads(title string, outcomes ...Outcome) viz.LineChart {
	first := outcomes[0]
	chart := viz.LineChart{Title: title, Across: "labels", Label: "points over " + first.Name}
	for _, o := range outcomes {
		curve := o.curve(func(seed, round int) float64 { return 100 * (o.Accuracy[seed][round] - first.Accuracy[seed][round]) })
		if o.Name == first.Name {
			curve.Low, curve.High = nil, nil
		}
		chart.Curves = append(chart.Curves, curve)
	}
	return chart
}

// Gain holds what a strategy has at last over the first: points of accuracy, their standard deviation over seeds, and the seeds in which it
// leads.
type Gain struct {
	Name             string
	Points, Spread   float64
	Ahead, Seeds     int
	Classes, Compare float64 // classes with a label, and those of the first
}

// Gains compares outcomes with the first, seed by seed.
func Gains(outcomes ...Outcome) (gains []Gain) {
	first := outcomes[0]
	last := len(first.Labels) - 1
	for _, o := range outcomes[1:] {
		g := Gain{Name: o.Name, Seeds: len(o.Accuracy)}
		var leads []float64
		for seed := range o.Accuracy {
			lead := 100 * (o.Accuracy[seed][last] - first.Accuracy[seed][last])
			if leads = append(leads, lead); lead > 0 {
				g.Ahead++
			}
			g.Classes += float64(o.Found[seed][last]) / float64(g.Seeds)
			g.Compare += float64(first.Found[seed][last]) / float64(g.Seeds)
		}
		g.Points, g.Spread = omniglot.Spread(leads)
		gains = append(gains, g)
	}
	return gains
}

// Words says a gain in a sentence: it is a lead where it exceeds its spread.
func (g Gain) Words() string {
	how := "no lead that exceeds its spread"
	if g.Points > g.Spread {
		how = "a lead"
	} else if -g.Points > g.Spread {
		how = "behind"
	}
	return fmt.Sprintf("%s is at %+.1f ± %.1f points (%s; ahead with %d of %d seeds)", g.Name, g.Points, g.Spread, how, g.Ahead, g.Seeds)
}

// Map draws where in the pool the first seed asked after it had chosen for some rounds. The items are on the plane in which they vary
// most, class 1 those that the strategy asked about by itself and class 0 the others.
func (o Outcome) Map(pool Pool, rounds int) (viz.EmbeddingMap, error) {
	roles := make([]int32, pool.Items.Len())
	for _, i := range o.Asked[0][o.Labels[0]:o.Labels[min(rounds, len(o.Labels)-1)]] {
		roles[i] = 1
	}
	vectors := make([][]float64, pool.Items.Len())
	for i := range vectors {
		for _, x := range pool.Items.Embeddings[i*pool.Items.Dim : (i+1)*pool.Items.Dim] {
			vectors[i] = append(vectors[i], float64(x))
		}
	}
	m, err := viz.PCA(o.Name, roles, vectors)
	m.Legend = []string{"left alone", "asked about"}
	return m, err
}

// needs returns how many labels the first outcome's seed needs to reach an accuracy, on straight lines between rounds; ok is false if it
// never does.
func (o Outcome) needs(seed int, accuracy float64) (labels float64, ok bool) {
	c := viz.Curve{}
	for round, n := range o.Labels {
		c.X, c.Mean = append(c.X, float64(n)), append(c.Mean, o.Accuracy[seed][round])
	}
	if c.Mean[0] >= accuracy {
		return c.X[0], true
	}
	return c.Crossing(accuracy)
}

// Table compares outcomes with the first, seed by seed, a row each as text. It has the accuracy at last, the difference and the classes
// that have a label at last. It says which part of the labels it would have taken to get where the first got with all.
func Table(outcomes ...Outcome) (header []string, rows [][]string) {
	first := outcomes[0]
	last := len(first.Labels) - 1
	for _, o := range outcomes {
		var accuracy, lead, saved, classes []float64
		for seed := range o.Accuracy {
			accuracy = append(accuracy, 100*o.Accuracy[seed][last])
			lead = append(lead, 100*(o.Accuracy[seed][last]-first.Accuracy[seed][last]))
			classes = append(classes, float64(o.Found[seed][last]))
			if labels, ok := o.needs(seed, first.Accuracy[seed][last]); ok {
				saved = append(saved, 100*(1-labels/float64(first.Labels[last])))
			}
		}
		row := []string{o.Name, spread("%.1f", accuracy), spread("%+.1f", lead), spread("%.1f", classes),
			spread("%.0f %%", saved) + fmt.Sprintf(", %d of %d seeds", len(saved), len(accuracy))}
		if o.Name == first.Name {
			row[2], row[4] = "–", "–"
		}
		if len(saved) == 0 {
			row[4] = "never got there"
		}
		rows = append(rows, row)
	}
	return []string{"chosen by", fmt.Sprintf("accuracy with %d labels (%%)", first.Labels[last]), "points over " + first.Name,
		"classes with a label", "labels saved to reach " + first.Name + "'s last accuracy"}, rows
}

// spread returns mean ± standard deviation.
func spread(format string, values []float64) string {
	mean, deviation := omniglot.Spread(values)
	return fmt.Sprintf(format, mean) + fmt.Sprintf(" ± %.1f", deviation)
}
