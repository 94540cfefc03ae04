package losses

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/unipair/unipair/pkg/losses/stable"
)

// ClassSampling is Partial FC: in each step a class-level loss looks at the classes of the batch and at some of the others, drawn
// anew. The gradient, and an optimiser's work, touch the rows of those classes alone.
//
// Of C classes it takes S, Ratio·C rounded: all P that the batch has, and S − P of the C − P others, each as likely as the next. The
// loss of the sample has too few negatives, by a factor that [Unbiased] undoes. With a ratio of 1 it is the whole loss.
//
// X. An et al., "Partial FC: Training 10 Million Identities on a Single Machine", ICCV Workshops 2021; X. An et al., "Killing Two
// Birds with One Stone: Efficient and Robust Training of Face Recognition CNNs by Partial FC", CVPR 2022.
type ClassSampling struct {
	Ratio float64 // of the classes, in (0, 1]; the papers use 0.1
	Seed  uint64  // of the draws: one seed gives each step the same classes
}

// Validate returns an error that names the first field out of its range.
func (c ClassSampling) Validate() error {
	return require(c.Ratio > 0 && c.Ratio <= 1, "ClassSampling: Ratio", "in (0, 1]", c.Ratio)
}

// Size returns how many of so many classes are sampled.
func (c ClassSampling) Size(classes int) int {
	return max(1, int(math.Round(c.Ratio*float64(classes))))
}

// SampledClasses is a choice of classes. Gather the class weights of Classes and give them to [ClassLevel] with Labels.
type SampledClasses struct {
	Classes []int32 // those of the batch, then others; each part in rising order
	Labels  []int32 // of the batch, as places in Classes
	Present int     // P, how many are of the batch
	Weight  float64 // (C − P)/(S − P), how many absent classes each sampled one stands for; 1 if there is none
}

// Draw samples classes for a step's batch; labels are in [0, classes). The same seed and step draw the same. The number of sampled classes
// is the same in each step, so that a graph is compiled once. It returns an error if the batch has more classes than that, or a label out
// of range.
func (c ClassSampling) Draw(labels []int32, classes, step int) (SampledClasses, error) {
	if err := c.Validate(); err != nil {
		return SampledClasses{}, err
	}
	present := slices.Clone(labels)
	slices.Sort(present)
	present = slices.Compact(present)
	size := c.Size(classes)
	switch {
	case classes > math.MaxInt32:
		return SampledClasses{}, fmt.Errorf("losses.ClassSampling: there may be at most %d classes, got %d", math.MaxInt32, classes)
	case len(present) == 0:
		return SampledClasses{}, fmt.Errorf("losses.ClassSampling: a batch must have at least one label")
	case present[0] < 0 || int(present[len(present)-1]) >= classes:
		return SampledClasses{}, fmt.Errorf("losses.ClassSampling: labels must be in [0, %d), got %d to %d",
			classes, present[0], present[len(present)-1])
	case len(present) > size:
		return SampledClasses{}, fmt.Errorf("losses.ClassSampling: a batch of %d classes does not fit into %d, %g of %d: "+
			"raise the ratio, or take smaller batches",
			len(present), size, c.Ratio, classes)
	}
	drawn := SampledClasses{Classes: slices.Grow(slices.Clone(present), size-len(present)), Present: len(present), Weight: 1}
	for _, label := range labels {
		place, _ := slices.BinarySearch(present, label)
		drawn.Labels = append(drawn.Labels, int32(place))
	}
	// Selection sampling (Knuth, The Art of Computer Programming, 3.4.2, algorithm S): in rising order, as memory likes it.
	random := rand.New(rand.NewPCG(c.Seed, uint64(step)))
	wanted, left := size-len(present), classes-len(present)
	if wanted > 0 {
		drawn.Weight = float64(left) / float64(wanted)
	}
	next := 0 // of those present
	for class := int32(0); wanted > 0; class++ {
		if next < len(present) && present[next] == class {
			next++
			continue
		}
		if random.IntN(left) < wanted {
			drawn.Classes = append(drawn.Classes, class)
			wanted--
		}
		left--
	}
	return drawn, nil
}

// Unbiased returns the loss over sampled classes in which each sampled one counts for the Weight classes that it stands for. With o_j =
// exp(L_j) − 1 the odds against negative j,
//
//	L = log[1 + Σ_{j present} o_j + Weight · Σ_{j sampled} o_j]
//
// which is log Weight added to the logits of sampled classes. Over samples the sum is on average that over all classes, exactly;
// its logarithm is not quite, being concave. present and weight are scalars: SampledClasses.Present and Weight.
func Unbiased(loss OddsSum, present, weight *graph.Node) Loss {
	return unbiased{loss, present, weight}
}

type unbiased struct {
	OddsSum
	present, weight *graph.Node
}

// PerAnchor implements [Loss].
func (u unbiased) PerAnchor(s Scores) *graph.Node {
	begin(u.OddsSum, s)
	shape := s.Negative.Shape().Clone()
	shape.DType = u.present.DType()
	isPresent := graph.LessThan(graph.Iota(s.Negative.Graph(), shape, 1), graph.BroadcastToShape(u.present, shape))
	known, sampled := s, s
	known.Negative = graph.LogicalAnd(s.Negative, isPresent)
	sampled.Negative = graph.LogicalAnd(s.Negative, graph.LogicalNot(isPresent))
	first, second := perAnchor(u.OddsSum, known), perAnchor(u.OddsSum, sampled)
	log := stable.SafeLog(graph.ConvertDType(u.weight, first.DType()))
	total := graph.StopGradient(stable.Softplus(stable.LogAddExp(stable.LogExpm1(first), graph.Add(stable.LogExpm1(second), log))))
	// ∂L = exp(L_1 − L) ∂L_1 + Weight · exp(L_2 − L) ∂L_2, without the odds themselves, which overflow.
	change := func(part, log *graph.Node) *graph.Node {
		fixed := graph.StopGradient(part)
		share := graph.StopGradient(stable.Share(graph.Sub(fixed, total), graph.Neg(log)))
		return graph.Mul(share, graph.Sub(part, fixed)) // 0, with the gradient
	}
	return graph.Add(total, graph.Add(change(first, graph.ZerosLike(log)), change(second, log)))
}
