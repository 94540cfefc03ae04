package convolution

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// target is the name by which a program calls what computes convolutions.
const target = "unipair_convolution"

var (
	// statement matches a convolution as go-xla writes it: its result, two operands, attributes, and the types of the three.
	statement = regexp.MustCompile(`(%\w+) = "stablehlo\.convolution"\((%\w+), (%\w+)\) \{\n([^}]*)\}` +
		` : \(tensor<([^>]*)>, tensor<([^>]*)>\) -> tensor<([^>]*)>`)
	// reversal matches what turns axes round: its result, its operand and the axes.
	reversal = regexp.MustCompile(`(%\w+) = "stablehlo\.reverse"\((%\w+)\) \{\s*dimensions = array<i64: ([^>]*)>\s*\}`)
	// function matches where a function begins: a name has one meaning from there to the next.
	function = regexp.MustCompile(`(?m)^\s*func\.func `)
	// partitioned matches what a program for several devices says at its top. XLA divides its own convolutions among them, and a call it cannot.
	partitioned = regexp.MustCompile(`stablehlo\.num_partitions = (?:[2-9]|1[0-9])`)
)

// rewrite makes a call of each convolution in a program of which [read] can tell what it is, if there is a quick one of its shape. All else
// stays as it is.
func rewrite(program string, quick func(shape) bool) string {
	if !strings.Contains(program, `"stablehlo.convolution"`) || partitioned.MatchString(program) {
		return program
	}
	var out strings.Builder
	from := 0
	for _, next := range append(function.FindAllStringIndex(program, -1), []int{len(program)}) {
		out.WriteString(rewriteFunction(program[from:next[0]], quick))
		from = next[0]
	}
	return out.String()
}

func rewriteFunction(body string, quick func(shape) bool) string {
	type reversed struct {
		of   string
		axes []int64
	}
	turned := map[string]reversed{}
	for _, m := range reversal.FindAllStringSubmatch(body, -1) {
		turned[m[1]] = reversed{m[2], integers(m[3])}
	}
	return statement.ReplaceAllStringFunc(body, func(found string) string {
		m := statement.FindStringSubmatch(found)
		result, first, second := m[1], m[2], m[3]
		c, ok := read(m[4], m[5], m[6], m[7], turned[second].axes)
		if !ok || !quick(c.shape) {
			return found
		}
		lines := &lines{result: result}
		switch c.what {
		case ofKernel:
			second = lines.transpose("second", second, c.second, c.second.order())
		case ofImages:
			second = turned[second].of
		}
		first = lines.transpose("first", first, c.first, c.first.order())
		return lines.call(c, first, second)
	})
}

// lines are the statements that stand for one, whose result has a name.
type lines struct {
	result string
	all    []string
}

func (l *lines) add(format string, values ...any) {
	l.all = append(l.all, fmt.Sprintf(format, values...))
}

// temporary returns a name that no program of go-xla's has.
func (l *lines) temporary(what string) string { return "%unipair_" + l.result[1:] + "_" + what }

// transpose puts the axes of a tensor into an order, and returns the name of what that gives.
func (l *lines) transpose(what, name string, t tensor, order []int) string {
	if slices.IsSorted(order) {
		return name
	}
	to := l.temporary(what)
	l.add(`%s = "stablehlo.transpose"(%s) {permutation = array<i64: %s>} : (%s) -> %s`, to, name, list(order), t, t.in(order))
	return to
}

// call computes a convolution, and gives it the axes that the program wants.
func (l *lines) call(c convolution, first, second string) string {
	// Of a kernel and its gradient every order of axes is taken.
	firstType, secondType, resultType, result := c.first.in(c.first.order()), c.second, c.result, l.result
	if c.what == ofKernel {
		secondType = c.second.in(c.second.order())
	} else if order := c.result.order(); !slices.IsSorted(order) {
		resultType, result = c.result.in(order), l.temporary("result")
	}
	l.add(`%s = "stablehlo.custom_call"(%s, %s) {api_version = 4 : i32, backend_config = {numbers = array<i64: %s>}, call_target_name = %q} : (%s, %s) -> %s`,
		result, first, second, list(c.numbers()), target, firstType, secondType, resultType)
	if result != l.result {
		back := make([]int, axes)
		for i, at := range c.result.order() {
			back[at] = i
		}
		l.add(`%s = "stablehlo.transpose"(%s) {permutation = array<i64: %s>} : (%s) -> %s`, l.result, result, list(back), resultType, c.result)
	}
	return strings.Join(l.all, "\n    ")
}

// list writes numbers as StableHLO has them.
func list[T any](numbers []T) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}
