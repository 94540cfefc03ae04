package eval_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/unipair/unipair/pkg/eval"
)

// sklearn is testdata/sklearn.json: what scikit-learn gives, see testdata/gen_sklearn.py.
type sklearn struct {
	Labellings []struct {
		X, Y     []int32
		AMI, NMI float64
	}
	ROC []struct {
		Similarity []float64
		Same       []bool
		AUC, EER   float64
		TAR        map[string]float64
		Points     int
	}
	ReID struct {
		Dim            int
		Queries        []float32
		QueryLabels    []int32 `json:"query_labels"`
		QueryCameras   []int   `json:"query_cameras"`
		Gallery        []float32
		GalleryLabels  []int32 `json:"gallery_labels"`
		GalleryCameras []int   `json:"gallery_cameras"`
		MAP            float64
		CMC            map[string]float64
		Counted        int `json:"queries_counted"`
	}
}

func readSklearn(t *testing.T) (s sklearn) {
	t.Helper()
	text, err := os.ReadFile("testdata/sklearn.json")
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func close(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestMutualInformationAgainstSklearn(t *testing.T) {
	all := readSklearn(t).Labellings
	for i, c := range all {
		ami, err := eval.AMI(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		nmi, err := eval.NMI(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		close(t, "AMI "+strconv.Itoa(i), ami, c.AMI, 1e-9)
		close(t, "NMI "+strconv.Itoa(i), nmi, c.NMI, 1e-9)
	}
	if len(all) < 6 {
		t.Errorf("%d labellings, want 6", len(all))
	}
}

func comparisons(similarity []float64, same []bool) (all []eval.Comparison) {
	for i, s := range similarity {
		c := eval.Comparison{Similarity: s, Same: same[i], A: int32(i % 7)}
		if c.B = c.A; !same[i] {
			c.B = (c.A + 1 + int32(i%3)) % 7
		}
		all = append(all, c)
	}
	return all
}

func TestROCAgainstSklearn(t *testing.T) {
	for i, c := range readSklearn(t).ROC {
		v, err := eval.Verify(comparisons(c.Similarity, c.Same), 0.5, 0.1, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		close(t, "AUC", v.AUC, c.AUC, 1e-12)
		close(t, "EER", v.EER, c.EER, 1e-12)
		if len(v.ROC()) != c.Points {
			t.Errorf("set %d: %d points, want %d", i, len(v.ROC()), c.Points)
		}
		for j, far := range []string{"0.5", "0.1", "0.05"} {
			close(t, "TAR at FAR "+far, v.At[j].TAR, c.TAR[far], 1e-12)
		}
		// A threshold means what it says.
		for _, at := range v.At {
			accepted, of := 0, 0
			for k, s := range c.Similarity {
				if c.Same[k] {
					of++
					if s >= at.Threshold {
						accepted++
					}
				}
			}
			close(t, "TAR of the threshold", float64(accepted)/float64(of), at.TAR, 1e-12)
		}
	}
}

func TestCamerasAgainstSklearn(t *testing.T) {
	c := readSklearn(t).ReID
	queries := eval.Set{Dim: c.Dim, Embeddings: c.Queries, Labels: c.QueryLabels}
	gallery := eval.Set{Dim: c.Dim, Embeddings: c.Gallery, Labels: c.GalleryLabels}
	got, err := eval.RetrieveAcrossCameras(queries, gallery, c.QueryCameras, c.GalleryCameras, eval.Options{RecallAt: []int{1, 5}})
	if err != nil {
		t.Fatal(err)
	}
	close(t, "mAP", got.MAP, c.MAP, 1e-12)
	close(t, "CMC 1", got.RecallAt[1], c.CMC["1"], 1e-12)
	close(t, "CMC 5", got.RecallAt[5], c.CMC["5"], 1e-12)
	if got.Queries != c.Counted {
		t.Errorf("%d queries counted, want %d", got.Queries, c.Counted)
	}
	plain, err := eval.RetrieveFrom(queries, gallery, eval.Options{})
	if err != nil || plain.MAP == got.MAP {
		t.Errorf("leaving out cameras changes nothing: %v, %v", plain.MAP, err)
	}
}
