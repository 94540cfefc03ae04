package pretrained

import (
	"strings"
	"testing"

	"github.com/gomlx/compute-onnx/support/protos"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/internal/hub"
	"github.com/unipair/unipair/internal/hubtest"
	"github.com/unipair/unipair/internal/onnxfile"
	"github.com/unipair/unipair/internal/onnxtest"
	"github.com/unipair/unipair/pkg/data"
	"github.com/unipair/unipair/pkg/train"
)

// What a file says was done to pictures when its network learnt is done again, unless the words say otherwise; where it says nothing they
// are resized bilinearly.
func TestLikeItLearnt(t *testing.T) {
	const pixels = `{"scale":1,"mean":[0,0,0],"std":[1,1,1]`
	asked := train.Network{Fit: data.FitPad, Invert: data.InvertOff, Resampling: data.ResamplingBilinear}
	for name, c := range map[string]struct {
		said  string
		words train.Network
		want  train.Network
		err   string
	}{
		"nothing":        {pixels + `}`, train.Network{}, train.Network{Resampling: data.ResamplingBilinear}, ""},
		"all":            {pixels + `,"invert":true,"fit":"crop","resampling":"area"}`, train.Network{}, train.Network{Fit: data.FitCrop, Invert: data.InvertOn}, ""},
		"the other way":  {pixels + `,"invert":false,"fit":"squeeze","resampling":"bilinear"}`, train.Network{}, train.Network{Invert: data.InvertOff, Resampling: data.ResamplingBilinear}, ""},
		"the words win":  {pixels + `,"invert":true,"fit":"crop","resampling":"area"}`, asked, asked, ""},
		"an unknown fit": {pixels + `,"invert":true,"fit":"twist","resampling":"area"}`, train.Network{}, train.Network{}, `"twist"`},
		"an unknown way": {pixels + `,"invert":true,"fit":"crop","resampling":"lanczos"}`, train.Network{}, train.Network{}, `"lanczos"`},
		"no truth value": {pixels + `,"invert":"yes"}`, train.Network{}, train.Network{}, "in words that are not understood"},
	} {
		n := onnxtest.Convolutional()
		n.Proto.MetadataProps = []*protos.StringStringEntryProto{{Key: onnxfile.MetadataKey, Value: c.said}}
		words := c.words
		words.Architecture = train.Architecture(train.ONNXPrefix + n.File(t))
		o, err := Open(t.Context(), backendtest.Go(t), words, nil)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %s", name, err, c.err)
			}
			continue
		}
		if err != nil || o.Fit != c.want.Fit || o.Invert != c.want.Invert || o.Resampling != c.want.Resampling {
			t.Errorf("%s: %+v, %v, want %+v", name, o, err, c.want)
		}
	}
}

// A preparation that a repository of the hub does not say is asked for, and then taken from the words.
func TestHubSaysNoPreparation(t *testing.T) {
	hubtest.Server{Files: map[string]string{
		"model.onnx": string(onnxtest.Convolutional().Bytes(t)), hub.PreparationName: `{"do_normalize": true}`,
	}}.Start(t)
	words := train.Network{Architecture: "hf:org/model"}
	if _, err := Open(t.Context(), backendtest.Go(t), words, nil); err == nil || !strings.Contains(err.Error(), "(image_mean, image_std); give --input") {
		t.Errorf("without a preparation: %v", err)
	}
	words.Backbone.Pixels = train.Pixels(onnxfile.Presets["clip"])
	o, err := Open(t.Context(), backendtest.Go(t), words, nil)
	if err != nil || o.File.Preparation != onnxfile.Presets["clip"] {
		t.Errorf("with one: %+v, %v", o, err)
	}
}

// Where a repository of the hub says another size than its file is made for, the file's is taken.
func TestHubSaysOtherSize(t *testing.T) {
	hubtest.Server{Files: map[string]string{
		"model.onnx": string(onnxtest.Convolutional().Bytes(t)), hub.PreparationName: `{"do_normalize": false, "size": 9}`,
	}}.Start(t)
	if o, err := Open(t.Context(), backendtest.Go(t), train.Network{Architecture: "hf:org/model"}, nil); err != nil || o.Backbone.Size != 8 {
		t.Errorf("%+v, %v", o, err)
	}
}

// A file that this program wrote says the licence of the network in it, unless the words do.
func TestLicenceOfFile(t *testing.T) {
	n := onnxtest.Convolutional()
	n.Proto.MetadataProps = []*protos.StringStringEntryProto{{Key: "licence", Value: "apache-2.0"}}
	words := train.Network{Architecture: train.Architecture(train.ONNXPrefix + n.File(t))}
	words.Backbone.Pixels = train.Pixels(onnxfile.Presets["0-1"])
	for said, want := range map[string]string{"": "apache-2.0", "MIT": "MIT"} {
		words.Backbone.Licence = said
		if o, err := Open(t.Context(), backendtest.Go(t), words, nil); err != nil || o.Backbone.Licence != want {
			t.Errorf("%q said: %+v, %v, want %q", said, o, err, want)
		}
	}
}
