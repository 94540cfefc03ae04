package viz

import (
	"math"
	"strconv"
	"strings"
)

// short writes a number with at most three significant digits and a true minus sign.
func short(x float64) string {
	if math.Abs(x) < 1e-12 {
		return "0"
	}
	digits := strconv.FormatFloat(x, 'g', 3, 64)
	if math.Abs(x) >= 100 {
		digits = strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strings.Replace(digits, "-", "−", 1)
}

// grouped writes a number as short does, but whole numbers in full, with commas between thousands.
func grouped(x float64) string {
	if x != math.Trunc(x) || math.Abs(x) >= 1e9 {
		return short(x)
	}
	digits := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if x < 0 {
		return "−" + digits
	}
	return digits
}

// niceStep returns a round distance between about n ticks of a range.
func niceStep(span float64, n int) float64 {
	rough := span / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if rough <= factor*power*1.0001 {
			return factor * power
		}
	}
	return 10 * power
}
