package views

// For tests of marks without a network.
var (
	JudgeSet = judge
	Centre   = centre
)
