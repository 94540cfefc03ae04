package convolution

import (
	"fmt"
	"strings"
	"testing"
)

// statementOf writes a convolution as go-xla does.
func statementOf(name, operands, axes string, more map[string]string, types string) string {
	all := map[string]string{
		"batch_group_count": "1 : i64", "feature_group_count": "1 : i64", "lhs_dilation": "array<i64: 1, 1>",
		"padding": "dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>", "rhs_dilation": "array<i64: 1, 1>",
		"precision_config": "[#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]",
		"window_reversal":  "array<i1: false, false>", "window_strides": "array<i64: 1, 1>",
		"dimension_numbers": "#stablehlo.conv<" + axes + ">",
	}
	for key, v := range more {
		all[key] = v
	}
	var lines []string
	for _, key := range []string{"batch_group_count", "dimension_numbers", "feature_group_count", "lhs_dilation", "padding", "precision_config",
		"rhs_dilation", "window_reversal", "window_strides"} {
		lines = append(lines, "      "+key+" = "+all[key])
	}
	return "    " + name + ` = "stablehlo.convolution"(` + operands + ") {\n" + strings.Join(lines, ",\n") + "\n    } : " + types + "\n"
}

const (
	usual    = "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]"
	types    = "(tensor<4x8x8x16xf32>, tensor<3x3x16x32xf32>) -> tensor<4x8x8x32xf32>"
	reversed = `    %9 = "stablehlo.reverse"(%k) { dimensions = array<i64: 0, 1> } : (tensor<3x3x16x32xf32>) -> tensor<3x3x16x32xf32>` + "\n"
	gradient = "[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]"
	back     = "(tensor<4x8x8x32xf32>, tensor<3x3x16x32xf32>) -> tensor<4x8x8x16xf32>"
)

// onDevices is the top of a program for so many devices.
func onDevices(n int) string {
	return fmt.Sprintf("module @m attributes {stablehlo.num_replicas = 1,  stablehlo.num_partitions = %d} {\n", n)
}

// called is the call that a statement becomes.
func called(name, operands, numbers, types string) string {
	return "    " + name + ` = "stablehlo.custom_call"(` + operands + ") {api_version = 4 : i32, backend_config = {numbers = array<i64: " + numbers +
		`>}, call_target_name = "unipair_convolution"} : ` + types + "\n"
}

// Of a program the convolutions that oneDNN has become calls, and no other letter changes.
func TestRewrite(t *testing.T) {
	simple := statementOf("%10", "%x, %k", usual, nil, types)
	simpleCall := called("%10", "%x, %k", "0, 4, 8, 8, 16, 32, 3, 3, 8, 8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 32, 1536, 512", types)
	strided := map[string]string{"lhs_dilation": "array<i64: 2, 2>", "padding": "dense<[[1, 2], [1, 2]]> : tensor<2x2xi64>"}
	stridedTypes := "(tensor<4x4x4x32xf32>, tensor<3x3x16x32xf32>) -> tensor<4x8x8x16xf32>"
	for name, c := range map[string]struct{ program, want string }{
		"nothing":                 {"    return %x : tensor<4xf32>\n", ""},
		"a value":                 {simple, simpleCall},
		"on one device":           {onDevices(1) + simple, onDevices(1) + simpleCall},
		"on two devices":          {onDevices(2) + simple, ""},
		"on sixteen devices":      {onDevices(16) + simple, ""},
		"twice, and other things": {"    %1 = foo\n" + simple + "    %2 = bar\n" + simple, "    %1 = foo\n" + simpleCall + "    %2 = bar\n" + simpleCall},
		"pixels left out": {
			statementOf("%10", "%x, %k", usual, map[string]string{"window_strides": "array<i64: 3, 3>", "rhs_dilation": "array<i64: 2, 1>"},
				"(tensor<4x8x8x16xf32>, tensor<3x3x16x32xf32>) -> tensor<4x2x3x32xf32>"),
			called("%10", "%x, %k", "0, 4, 8, 8, 16, 32, 3, 3, 2, 3, 3, 3, 2, 1, 1, 1, 0, 0, 1, 32, 1536, 512",
				"(tensor<4x8x8x16xf32>, tensor<3x3x16x32xf32>) -> tensor<4x2x3x32xf32>")},
		"a gradient of images": {
			reversed + statementOf("%10", "%y, %9", gradient, strided, stridedTypes),
			reversed + called("%10", "%y, %k", "1, 4, 8, 8, 16, 32, 3, 3, 4, 4, 2, 2, 1, 1, 1, 1, 0, 0, 1, 32, 1536, 512", stridedTypes)},
		"a gradient of a kernel": {
			statementOf("%10", "%x, %y", "[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]", nil, "(tensor<4x8x8x16xf32>, tensor<4x8x8x32xf32>) -> tensor<3x3x16x32xf32>"),
			called("%10", "%x, %y", "2, 4, 8, 8, 16, 32, 3, 3, 8, 8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 32, 1536, 512",
				"(tensor<4x8x8x16xf32>, tensor<4x8x8x32xf32>) -> tensor<3x3x16x32xf32>")},
		"channels first": {
			statementOf("%10", "%x, %k", "[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]", nil, "(tensor<4x16x8x8xf32>, tensor<32x16x3x3xf32>) -> tensor<4x32x8x8xf32>"),
			`    %unipair_10_first = "stablehlo.transpose"(%x) {permutation = array<i64: 0, 2, 3, 1>} : (tensor<4x16x8x8xf32>) -> tensor<4x8x8x16xf32>` + "\n" +
				called("%unipair_10_result", "%unipair_10_first, %k", "0, 4, 8, 8, 16, 32, 3, 3, 8, 8, 1, 1, 1, 1, 1, 1, 1, 1, 144, 9, 3, 1",
					"(tensor<4x8x8x16xf32>, tensor<32x16x3x3xf32>) -> tensor<4x8x8x32xf32>") +
				`    %10 = "stablehlo.transpose"(%unipair_10_result) {permutation = array<i64: 0, 3, 1, 2>} : (tensor<4x8x8x32xf32>) -> tensor<4x32x8x8xf32>` + "\n"},
		"names of another function": {
			"func.func @a() {\n" + reversed + "  }\n  func.func @main() {\n" + statementOf("%10", "%y, %9", gradient, strided, stridedTypes) + "  }\n", ""},
		"zeros between":     {statementOf("%10", "%y, %k", gradient, strided, stridedTypes), ""},
		"another axis":      {strings.Replace(reversed, "0, 1", "0, 2", 1) + statementOf("%10", "%y, %9", gradient, strided, stridedTypes), ""},
		"one axis":          {strings.Replace(reversed, "0, 1", "0", 1) + statementOf("%10", "%y, %9", gradient, strided, stridedTypes), ""},
		"groups":            {statementOf("%10", "%x, %k", usual, map[string]string{"feature_group_count": "2 : i64"}, types), ""},
		"groups of a batch": {statementOf("%10", "%x, %k", usual, map[string]string{"batch_group_count": "2 : i64"}, types), ""},
		"reversal":          {statementOf("%10", "%x, %k", usual, map[string]string{"window_reversal": "array<i1: true, true>"}, types), ""},
		"float64":           {statementOf("%10", "%x, %k", usual, nil, strings.ReplaceAll(types, "f32", "f64")), ""},
		"bfloat16":          {statementOf("%10", "%x, %k", usual, nil, strings.ReplaceAll(types, "f32", "bf16")), ""},
		"any batch":         {statementOf("%10", "%x, %k", usual, nil, strings.ReplaceAll(types, "4x", "?x")), ""},
		"cut off before":    {statementOf("%10", "%x, %k", usual, map[string]string{"padding": "dense<[[-1, 1], [1, 1]]> : tensor<2x2xi64>"}, types), ""},
		"cut off behind": {statementOf("%10", "%x, %k", usual, map[string]string{"padding": "dense<[[1, -1], [1, 1]]> : tensor<2x2xi64>"},
			"(tensor<4x8x8x16xf32>, tensor<3x3x16x32xf32>) -> tensor<4x6x8x32xf32>"), ""},
		"one axis of space": {statementOf("%10", "%x, %k", "[b, 0, f]x[0, i, o]->[b, 0, f]",
			map[string]string{"window_strides": "array<i64: 1>", "lhs_dilation": "array<i64: 1>", "rhs_dilation": "array<i64: 1>", "padding": "dense<[[1, 1]]> : tensor<1x2xi64>",
				"window_reversal": "array<i1: false>"}, "(tensor<4x8x16xf32>, tensor<3x16x32xf32>) -> tensor<4x8x32xf32>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			want := c.want
			if want == "" {
				want = c.program
			}
			if got := rewrite(c.program, func(shape) bool { return true }); got != want {
				t.Errorf("it becomes\n%s\nwant\n%s", got, want)
			}
			if got := rewrite(c.program, func(shape) bool { return false }); got != c.program {
				t.Errorf("without a quick convolution it becomes\n%s", got)
			}
		})
	}
}
