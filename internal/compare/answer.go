package compare

import (
	"fmt"
	"strings"
)

// answer says in words what can be said of the rows, and what cannot.
func (r Result) answer() string {
	first := r.Rows[0]
	if r.Seeds == 1 {
		return fmt.Sprintf("nothing can be told apart by one seed: %s came to the highest MAP@R, %s %%, at %d steps, and another seed may order "+
			"them otherwise; give more --seeds", first.Name, percent(float64(first.MAPAtR)), r.Steps)
	}
	var together, behind []int
	for i := 1; i < len(r.Rows); i++ {
		if r.Rows[i].Behind.Told {
			behind = append(behind, i)
		} else {
			together = append(together, i)
		}
	}
	text := r.leaders(together)
	if len(behind) > 0 {
		next := r.Rows[behind[0]]
		verb := "is behind"
		others := ""
		if n := len(behind) - 1; n > 0 {
			others = fmt.Sprintf(", and %s farther behind", plural(n, "one other is", counted(n)+" others are"))
		}
		whom := first.Name
		if len(together) == 0 {
			verb, whom = "is next, behind", "it"
		}
		text += fmt.Sprintf("; %s %s %s by %s points%s", next.Name, verb, whom, points(next.Behind), others)
	}
	return text + r.beside()
}

// leaders says which lines are not told apart from the first.
func (r Result) leaders(together []int) string {
	first := r.Rows[0]
	switch n := len(together); {
	case n == 0 && len(r.Rows) == 1:
		return fmt.Sprintf("%s is alone: there is nothing to tell it apart from", first.Name)
	case n == 0:
		return fmt.Sprintf("%s is ahead of all others at %d steps", first.Name, r.Steps)
	case n == len(r.Rows)-1:
		return fmt.Sprintf("none can be told apart at %d steps: %s came to the highest MAP@R, %s %%, as might be by chance", r.Steps, first.Name,
			percent(float64(first.MAPAtR)))
	case n == 1:
		return fmt.Sprintf("%s and %s cannot be told apart at %d steps", first.Name, r.Rows[together[0]].Name, r.Steps)
	default:
		var names []string
		for _, i := range together {
			names = append(names, r.Rows[i].Name)
		}
		return fmt.Sprintf("%s and %s others (%s) cannot be told apart at %d steps", first.Name, counted(n), strings.Join(names, ", "), r.Steps)
	}
}

// beside says of losses that are not told apart from what has not learnt, or are behind it.
func (r Result) beside() string {
	for i, row := range r.Rows {
		if !row.Baseline {
			continue
		}
		var worse, same []string
		for k, other := range r.Rows {
			switch {
			case other.Baseline:
			case k > i && r.pairs(i, k).Told():
				worse = append(worse, other.Name)
			case k > i && !r.pairs(i, k).Told() || k < i && !r.pairs(k, i).Told():
				same = append(same, other.Name)
			}
		}
		text := ""
		if len(worse) > 0 {
			text += fmt.Sprintf("; %s %s worse than %s", listed(worse), plural(len(worse), "is", "are"), row.Name)
		}
		if len(same) > 0 {
			text += fmt.Sprintf("; %s cannot be told apart from %s", listed(same), row.Name)
		}
		return text // the best baseline alone
	}
	return ""
}

// listed joins names as a sentence has them.
func listed(names []string) string {
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return names[0]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// points writes an interval in points of a hundred.
func points(b Behind) string {
	return fmt.Sprintf("%.1f to %.1f", 100*float64(b.Low), 100*float64(b.High))
}
