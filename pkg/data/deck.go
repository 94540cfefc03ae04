package data

import "math/rand/v2"

// deck holds what is left of a shuffled pass over the numbers below a limit.
type deck []int

// take removes n different numbers, n ≤ limit, and begins another pass when the deck runs out. What the take already has stays in
// the new pass for later, so that every number comes once in a pass and never twice in a take.
func (d *deck) take(n, limit int, random *rand.Rand) []int {
	if n <= len(*d) {
		taken := (*d)[:n:n]
		*d = (*d)[n:]
		return taken
	}
	taken, has := *d, make(map[int]bool, len(*d))
	for _, x := range taken {
		has[x] = true
	}
	var kept deck
	for _, x := range random.Perm(limit) {
		if len(taken) < n && !has[x] {
			taken = append(taken, x)
		} else {
			kept = append(kept, x)
		}
	}
	*d = kept
	return taken
}
