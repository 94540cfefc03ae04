package losses

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// unitDistances computes [NegativeL2] of vectors of length 1.
func unitDistances(x, y *graph.Node) *graph.Node { return distances(x, y, roundingOfUnits(x)) }

// roundingOfUnits returns how far apart directions may be by the rounding of their numbers alone.
func roundingOfUnits(x *graph.Node) float64 {
	return map[dtypes.DType]float64{dtypes.Float64: 0x1p-51, dtypes.Float32: 0x1p-22}[x.DType()]
}

// noRounding returns 0: vectors as they come are apart as soon as they differ.
func noRounding(*graph.Node) float64 { return 0 }

// negativeSNR computes [NegativeSNR].
func negativeSNR(x, y *graph.Node) *graph.Node {
	x, y, scale := withRoom(x, y)
	signal := withoutMean(x)
	noise := graph.Neg(graph.ConvertDType(squaredDistances(x, y, withoutMean), x.DType()))
	power := graph.BroadcastToShape(graph.ReduceAndKeep(graph.Square(signal), graph.ReduceSum, -1), noise.Shape())
	none := graph.LessOrEqual(power, graph.BroadcastToShape(graph.Square(graph.MulScalar(scale, shortest)), power.Shape()))
	return stable.ZeroUnless(graph.LogicalNot(none), graph.Div(noise, graph.Where(none, graph.OnesLike(power), power)))
}

// withoutMean subtracts from each row its mean.
func withoutMean(x *graph.Node) *graph.Node {
	return graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, -1))
}

// negativeLpDistances computes [NegativeLp] of a valid p.
func negativeLpDistances(x, y *graph.Node, p float64) *graph.Node {
	apart := graph.Abs(differences(x, y))
	largest := graph.StopGradient(graph.ReduceAndKeep(apart, graph.ReduceMax, -1))
	some := stable.PositiveOrNaN(largest)
	scaled := graph.Div(apart, graph.Where(some, largest, graph.OnesLike(largest))) // no power overflows
	root := stable.SafePow(graph.ReduceAndKeep(stable.SafePow(scaled, p), graph.ReduceSum, -1), 1/p)
	return graph.Squeeze(graph.Neg(graph.Mul(root, largest)), -1)
}

// distances returns −|x − y| of all pairs, and 0 with gradient 0 where that is not beyond floor.
func distances(x, y *graph.Node, floor float64) *graph.Node {
	scaledX, scaledY, scale := withRoom(x, y)
	squared := squaredDistances(scaledX, scaledY, itself)
	if x.DType() != dtypes.Float64 && !few(x, y) {
		// A root makes rounding large: float32 would show it in the fourth digit of a near distance. The value is made in float64,
		// the gradient in the type of x. By products it is off by about 10⁻⁶ |x| / |x − y| of itself where rows are near.
		wideX, wideY := widened(scaledX, scaledY)
		exact := graph.StopGradient(graph.ConvertDType(squaredDistances(wideX, wideY, itself), x.DType()))
		formula := graph.Sub(sumOfSquares(scaledX, scaledY), graph.MulScalar(products(scaledX, scaledY), 2))
		change := graph.Sub(formula, graph.StopGradient(formula)) // 0, with the gradient
		squared = graph.Add(exact, stable.ZeroUnless(stable.PositiveOrNaN(exact), change))
	}
	root := graph.ConvertDType(rootOf(squared, floor), x.DType())
	// Made once, not in each loop that looks at it: losses ask which ones are equal.
	return graph.Neg(graph.SchedulingBarrier(graph.Div(root, scale), root))
}

// valuesOf returns what [distances] does, without its gradient, made in float64.
func valuesOf(x, y *graph.Node, floor float64) *graph.Node {
	if x.DType() == dtypes.Float64 {
		return graph.StopGradient(distances(x, y, floor))
	}
	wideX, wideY := widened(x, y) // float64 has room for squares of any float32
	squared := squaredOfFew
	if !few(x, y) {
		squared = func(x, y *graph.Node) *graph.Node { return squaredDistances(x, y, itself) }
	}
	root := graph.ConvertDType(rootOf(squared(wideX, wideY), floor), x.DType())
	return graph.StopGradient(graph.Neg(graph.SchedulingBarrier(root))) // made once, in the narrow type
}

// rootOf returns the distance of a squared one, and 0 with gradient 0 where it is not beyond floor.
func rootOf(squared *graph.Node, floor float64) *graph.Node {
	return stable.SafeSqrt(squared, stable.Fill(squared, floor*floor))
}

// squaredOfFew returns |x − y|² of few pairs, number by number. It is for no gradient, which would be made of many parts.
func squaredOfFew(x, y *graph.Node) *graph.Node {
	return sumInParts(16, x.Shape().Dim(1), -1, func(from, to int) *graph.Node {
		partOfX, partOfY := each(func(x *graph.Node) *graph.Node { return graph.SliceAxis(x, 1, graph.AxisRange(from, to)) }, x, y)
		return graph.Square(differences(partOfX, partOfY))
	})
}

// pullOfFew returns the derivative of the rows of x, in their type, where slope is that by their −|x − y|. It is the sum of
// slope · (y − x) / |x − y| over the rows of y, made in float64, number by number.
func pullOfFew(slope, x, y *graph.Node, floor float64) *graph.Node {
	wideX, wideY := widened(x, y)
	by := perDistance(wide(slope), graph.Neg(rootOf(squaredOfFew(wideX, wideY), floor)))
	return graph.ConvertDType(sumInParts(2, y.Shape().Dim(0), 1, func(from, to int) *graph.Node {
		toward := graph.Neg(differences(wideX, graph.SliceAxis(wideY, 0, graph.AxisRange(from, to))))
		return graph.Mul(graph.InsertAxes(graph.SliceAxis(by, 1, graph.AxisRange(from, to)), -1), toward)
	}), x.DType())
}

// sumInParts sums up terms, which come as those from one place to another of so many along an axis. XLA makes parts that are joined number by
// number in one loop of many numbers at a time, and a sum of all of them one after the other. How many parts are quickest was tried.
func sumInParts(parts, length, axis int, terms func(from, to int) *graph.Node) *graph.Node {
	width := length / parts
	if width == 0 {
		return graph.ReduceSum(terms(0, length), axis)
	}
	joined := terms(0, width)
	for k := 1; k < parts; k++ {
		joined = graph.Add(joined, terms(k*width, (k+1)*width))
	}
	sum := graph.ReduceSum(joined, axis)
	if rest := parts * width; rest < length {
		sum = graph.Add(sum, graph.ReduceSum(terms(rest, length), axis))
	}
	return sum
}

// squaredDistances returns |of(x − y)|² of all pairs, of a function that is linear along the rows; in float64, of few. It is 0, with
// gradient 0, of equal vectors. It is 0 of many where it is no more than the rounding of |x|² + |y|² − 2x·y, by which it is made.
func squaredDistances(x, y *graph.Node, of func(*graph.Node) *graph.Node) *graph.Node {
	if few(x, y) {
		return graph.ReduceSum(graph.Square(of(differences(widened(x, y)))), -1)
	}
	x, y = each(of, x, y)
	rounding := map[dtypes.DType]float64{dtypes.Float64: 0x1p-49, dtypes.Float32: 0x1p-22}[x.DType()]
	lengths := sumOfSquares(x, y)
	squared := graph.Sub(lengths, graph.MulScalar(products(x, y), 2))
	limit := graph.StopGradient(graph.MulScalar(lengths, rounding))
	near := graph.LogicalAnd(graph.LessOrEqual(squared, limit), graph.LessThan(limit, stable.Fill(limit, math.Inf(1))))
	return graph.Where(near, graph.ZerosLike(squared), squared) // what is not a number is not near
}

// itself returns x.
func itself(x *graph.Node) *graph.Node { return x }

// few tells whether there is time and memory for every component of every pair: tens of megabytes on a backend that writes them down.
func few(x, y *graph.Node) bool { return x.Shape().Size()*y.Shape().Dim(0) <= 1<<22 }

// differences returns x_i − y_j, [A, C, d].
func differences(x, y *graph.Node) *graph.Node {
	return graph.Sub(graph.InsertAxes(x, 1), graph.InsertAxes(y, 0))
}

// wide returns x in float64.
func wide(x *graph.Node) *graph.Node { return graph.ConvertDType(x, dtypes.Float64) }

// widened returns both in float64.
func widened(x, y *graph.Node) (wideX, wideY *graph.Node) { return each(wide, x, y) }

// each returns f of both; one node if they are one.
func each(f func(*graph.Node) *graph.Node, x, y *graph.Node) (ofX, ofY *graph.Node) {
	ofX = f(x)
	if x == y {
		return ofX, ofX
	}
	return ofX, f(y)
}

// centred subtracts from x and y what no distance feels, a number for each component that is constant for the gradient. Products of what
// is left are as small as the distances allow. It is the middle between the least and the largest of the component, if all rows lie
// between its half and its double: the difference is exact then. It is 0 for any other.
func centred(x, y *graph.Node) (centredX, centredY *graph.Node) {
	if few(x, y) { // whose differences are made one by one
		return x, y
	}
	lowX, lowY := each(func(x *graph.Node) *graph.Node { return graph.ReduceAndKeep(x, graph.ReduceMin, 0) }, x, y)
	highX, highY := each(func(x *graph.Node) *graph.Node { return graph.ReduceAndKeep(x, graph.ReduceMax, 0) }, x, y)
	low, high := graph.Min(lowX, lowY), graph.Max(highX, highY)
	middle := graph.Add(graph.MulScalar(low, 0.5), graph.MulScalar(high, 0.5))
	half, double := graph.MulScalar(middle, 0.5), graph.MulScalar(middle, 2)
	within := func(from, to *graph.Node) *graph.Node {
		return graph.LogicalAnd(graph.LessOrEqual(from, low), graph.LessOrEqual(high, to))
	}
	shared := stable.ZeroUnless(graph.LogicalOr(within(half, double), within(double, half)), middle)
	return each(func(x *graph.Node) *graph.Node { return graph.Sub(x, graph.StopGradient(shared)) }, x, y)
}

// withRoom multiplies x and y by a scale, so that the type has room for sums of their fourth powers, as derivatives of ratios need. It is
// a power of two, which rounds nothing, and 1 unless the largest number of all is beyond 1e±30, or 1e±4 in float32.
func withRoom(x, y *graph.Node) (scaledX, scaledY, scale *graph.Node) {
	high, known := map[dtypes.DType]float64{dtypes.Float64: 0x1p100, dtypes.Float32: 0x1p15}[x.DType()]
	if !known {
		return x, y, graph.ScalarOne(x.Graph(), x.DType())
	}
	largest := graph.Max(graph.ReduceAllMax(graph.Abs(x)), graph.ReduceAllMax(graph.Abs(y)))
	power := powerOfTwo(largest)
	at := func(value float64) *graph.Node { return stable.Fill(power, value) }
	long := graph.LogicalAnd(graph.GreaterThan(power, at(high)), graph.LessThan(power, at(math.Inf(1))))
	short := graph.LogicalAnd(graph.LessThan(power, at(1/high)), stable.Positive(power))
	scale = graph.StopGradient(graph.Where(long, graph.Div(at(high), power), graph.Where(short, graph.Div(at(1), power), at(1))))
	scaledX, scaledY = each(func(x *graph.Node) *graph.Node { return graph.Mul(x, scale) }, x, y)
	return scaledX, scaledY, scale
}

// powerOfTwo returns the largest power of two that is not above x; 0 for numbers below the normal ones, infinity for what is none.
func powerOfTwo(x *graph.Node) *graph.Node {
	bits, exponent := dtypes.Int64, any(int64(math.MaxInt64)&^(1<<52-1))
	if x.DType() == dtypes.Float32 {
		bits, exponent = dtypes.Int32, int32(math.MaxInt32)&^(1<<23-1)
	}
	return graph.Bitcast(graph.BitwiseAnd(graph.Bitcast(x, bits), graph.Const(x.Graph(), exponent)), x.DType())
}

// sumOfSquares returns |x_i|² + |y_j|², [A, C].
func sumOfSquares(x, y *graph.Node) *graph.Node {
	square := func(x *graph.Node) *graph.Node { return graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, -1) }
	return graph.Add(square(x), graph.Transpose(square(y), 0, 1))
}
