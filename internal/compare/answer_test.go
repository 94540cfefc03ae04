package compare

import (
	"math"
	"testing"
)

// line returns a row of a name whose classes have a mean, with a little of their own; a baseline has one network.
func line(name string, mean float64, baseline bool) (Row, sample) {
	shift := []float64{0.1, -0.1, 0.05, -0.05, 0.02, -0.02, 0, 0}
	s := sample{weights: []float64{5, 5, 5, 5, 5, 5, 5, 5}, fixed: baseline}
	for seed := range 3 {
		values := make([]float64, len(shift))
		for c := range values {
			values[c] = mean + shift[c] + 0.004*float64(seed-1) + 0.003*math.Sin(float64(7*c)+100*mean)
		}
		if s.values = append(s.values, values); baseline {
			break
		}
	}
	return Row{Name: name, Baseline: baseline}, s
}

// What is said of the rows is what the tests say of them.
func TestAnswer(t *testing.T) {
	type of struct {
		name     string
		mean     float64
		baseline bool
	}
	for _, c := range []struct {
		name  string
		seeds int
		rows  []of
		want  string
	}{
		{"one is ahead", 3, []of{{"circle", 0.8, false}, {"triplet", 0.7, false}, {"raw pixels", 0.4, true}},
			"circle is ahead of all others at 300 steps; triplet is next, behind it by 9.1 to 10.9 points, and one other is farther behind"},
		{"two are ahead", 3, []of{{"circle", 0.8, false}, {"triplet", 0.7, false}, {"sup-con", 0.8, false}, {"raw pixels", 0.4, true}},
			"circle and sup-con cannot be told apart at 300 steps; triplet is behind circle by 9.1 to 10.9 points, and one other is farther behind"},
		{"three are ahead", 3, []of{{"circle", 0.8, false}, {"triplet", 0.8, false}, {"sup-con", 0.8, false}, {"raw pixels", 0.4, true}},
			"circle and two others (triplet, sup-con) cannot be told apart at 300 steps; raw pixels is behind circle by 39.7 to 41.2 points"},
		{"one is worse than pixels", 3, []of{{"circle", 0.8, false}, {"triplet", 0.3, false}, {"raw pixels", 0.4, true}},
			"circle is ahead of all others at 300 steps; raw pixels is next, behind it by 39.7 to 41.2 points, and one other is farther behind; " +
				"triplet is worse than raw pixels"},
		{"all are alike", 3, []of{{"circle", 0.5, false}, {"raw pixels", 0.5, true}},
			"none can be told apart at 300 steps: circle came to the highest MAP@R, 50.0 %, as might be by chance; circle cannot be told apart from raw pixels"},
		{"one seed", 1, []of{{"circle", 0.8, false}, {"raw pixels", 0.4, true}},
			"nothing can be told apart by one seed: circle came to the highest MAP@R, 80.0 %, at 300 steps, and another seed may order them otherwise; " +
				"give more --seeds"},
	} {
		r := Result{Steps: 300, Seeds: c.seeds}
		var rows []Row
		var samples []sample
		for _, o := range c.rows {
			row, s := line(o.name, o.mean, o.baseline)
			row.MAPAtR = Number(o.mean)
			rows, samples = append(rows, row), append(samples, s)
		}
		order, _, pair := grouped(samples)
		r.pairs = pair
		for rank, i := range order {
			row := rows[i]
			if rank > 0 {
				d := pair(0, rank)
				row.Behind = Behind{By: Number(d.By), Low: Number(d.Low), High: Number(d.High), Told: d.Told()}
			}
			r.Rows = append(r.Rows, row)
		}
		if got := r.answer(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		name string
		x    float64
		want string
	}{{"a share", 0.538, "53.8"}, {"ahead", -0.004, "−0.4"}, {"not known", math.NaN(), "?"}} {
		if got := percent(c.x); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
