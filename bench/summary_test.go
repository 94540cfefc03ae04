package bench

import (
	"os"
	"slices"
	"strings"
	"testing"
)

const samplePage = `# Measured

## Value and gradient of pair-wise losses

**circle**

| N | Unipair, ms | ÷ JAX | ÷ PyTorch, compiled | ÷ PML |
|---|---|---|---|---|
| 512 | 7.1 (6 – 8) | 0.70 (0.60 – 0.80) | – | 0.20 (0.1 – 0.3) |

**nt-xent**

| N | Unipair, ms | ÷ JAX |
|---|---|---|
| 512 | 9.0 (8 – 9) | 0.90 (0.80 – 1.00) |

Seconds to the first value and gradient, compilation included:

| loss | N | Unipair | JAX |
|---|---|---|---|
| circle | 2048 | 3.0 | 1.5 |

## Training speed

**recipe R28**

Batches of 24 × 4 images of 28 × 28 pixels.

| | images/s | ours ÷ it, wall |
|---|---|---|
| Unipair | 1470 (1211 – 1589) | 1.00 (1.00 – 1.00) |
| JAX, jitted | 1026 (897 – 1169) | 1.25 (1.16 – 1.63) |

**ResNet-18**

| | images/s | ours ÷ it, wall |
|---|---|---|
| Unipair | 50 (40 – 60) | 1.00 (1.00 – 1.00) |
| PyTorch, eager | 100 (90 – 110) | 0.50 (0.40 – 0.60) |
`

// The summary has the medians of what is in a page, and lines of what is not in it are left out.
func TestSummary(t *testing.T) {
	got := strings.Split(strings.TrimSpace(summary(samplePage)), "\n")
	want := []string{
		"| one call of | size | Unipair | ÷ JAX | ÷ PyTorch | ÷ PML, faiss |", "|---|---|---|---|---|---|",
		"| Circle | 512 rows | 7.1 ms | 0.70 | – | 0.20 |",
		"| NT-Xent | 512 rows | 9.0 ms | 0.90 | – | – |",
		"| Circle, the first call | 2048 rows | 3.0 s | 2.00 | – | – |",
		"| training, R28: time per image | 28 × 28 pixels | 1470 images/s | 0.80 | – | – |",
		"| training, ResNet-18: time per image | 64 × 64 pixels | 50 images/s | – | 2.00 | – |",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// docs/performance.md has what is made of bench/RESULTS.md, and is a page that one reads in two minutes.
func TestSummaryIsOfResults(t *testing.T) {
	page, err := os.ReadFile("../" + summaryPage)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := os.ReadFile("../" + resultsPage)
	if err != nil {
		t.Fatal(err)
	}
	want, err := replaceSummary(string(page), string(measured))
	if err != nil {
		t.Fatal(err)
	}
	if want != string(page) {
		t.Errorf("%s differs from %s: want\n%s", summaryPage, resultsPage, summary(string(measured)))
	}
	if lines := strings.Count(string(page), "\n"); lines > 60 {
		t.Errorf("%s has %d lines, at most 60 are wanted", summaryPage, lines)
	}
}
