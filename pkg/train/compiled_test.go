package train_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"github.com/unipair/unipair/internal/backendtest"
	"github.com/unipair/unipair/pkg/train"
)

// Runs that take the graphs of those before them give what they give alone, to the bit.
func TestCompiledChangesNothing(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, b compute.Backend) {
		compiled, hits := &train.Compiled{}, 0
		var networks []*train.Embedder
		var wanted [][]float32
		for _, c := range []struct {
			name, loss string
			hit        bool
			change     func(*train.Config)
		}{
			{"the first", "circle", false, func(*train.Config) {}},
			{"another seed", "circle", true, func(c *train.Config) { c.Seed = 7 }},
			{"another learning rate, and more steps", "circle", true, func(c *train.Config) { c.LearningRate, c.Steps, c.Warmup = 1e-3, 6, 3 }},
			{"a validation", "circle", true, func(c *train.Config) { c.Seed, c.Validation = 2, train.Validation{Every: 2} }},
			{"class weights", "am-softmax", false, func(*train.Config) {}},
			{"class weights of another seed", "am-softmax", true, func(c *train.Config) { c.Seed, c.ClassLearningRate = 3, 0.05 }},
			{"another setting", "am-softmax", false, func(c *train.Config) { c.Set = map[string]string{"gamma": "16"} }},
			{"the same in other words", "am-softmax", true, func(c *train.Config) { c.Set = map[string]string{"gamma": "16.0"} }},
			{"the first, once more", "circle", true, func(*train.Config) {}},
			{"another decay", "circle", false, func(c *train.Config) { c.WeightDecay = 0.1 }},
			{"running means", "circle", false, func(c *train.Config) { c.Average = 0.9 }},
			{"running means of another seed", "circle", true, func(c *train.Config) { c.Average, c.Seed = 0.9, 4 }},
		} {
			config := tiny()
			config.Loss, config.Steps, config.Warmup = c.loss, 4, 1
			c.change(&config)
			options := train.Options{}
			if config.Validation.Every > 0 {
				options.Validation = bars
			}
			want := run(t, b, config, options)
			options.Compiled = compiled
			got := run(t, b, config, options)
			if c.hit {
				hits++
			}
			if compiled.Hits != hits {
				t.Errorf("%s: %d graphs were taken as they were, want %d", c.name, compiled.Hits, hits)
				hits = compiled.Hits
			}
			for i, record := range want.History {
				record.ImagesPerSecond, got.History[i].ImagesPerSecond = 0, 0
				if record != got.History[i] {
					t.Errorf("%s: step %d is %+v, want %+v", c.name, i+1, got.History[i], record)
				}
			}
			if n := compiled.Held(); n > 0 {
				t.Errorf("%s: %d values of what runs have learnt are kept", c.name, n)
			}
			networks, wanted = append(networks, got.Embedder), append(wanted, embed(t, want.Embedder).Embeddings)
		}
		for i, network := range networks { // those of earlier runs are not changed by later ones
			if !slices.Equal(embed(t, network).Embeddings, wanted[i]) {
				t.Errorf("the network of run %d embeds otherwise", i)
			}
		}
	})
}

// What a run is that failed, or was stopped, is not kept either, and its step is good for others.
func TestCompiledAfterAFailure(t *testing.T) {
	b, compiled, config := backendtest.Go(t), &train.Compiled{}, tiny()
	config.Steps, config.Warmup = 4, 1
	want := run(t, b, config, train.Options{})
	failing := config
	failing.LearningRate = 1e25
	_, err := train.Run(t.Context(), b, failing, bars, train.Options{Compiled: compiled})
	if _, is := errors.AsType[*train.Failure](err); !is || compiled.Held() > 0 {
		t.Errorf("error %v, want one of a run that failed; %d values are kept", err, compiled.Held())
	}
	ctx, stop := context.WithCancel(t.Context())
	dir := t.TempDir()
	_, err = train.Run(ctx, b, config, bars, train.Options{Dir: dir, Compiled: compiled, Progress: func(train.Record) { stop() }})
	if !errors.Is(err, context.Canceled) || compiled.Held() > 0 {
		t.Errorf("error %v, want one of a run that was stopped; %d values are kept", err, compiled.Held())
	}
	got := run(t, b, config, train.Options{Dir: dir, Compiled: compiled}) // goes on
	if !slices.Equal(embed(t, got.Embedder).Embeddings, embed(t, want.Embedder).Embeddings) || compiled.Hits != 2 {
		t.Errorf("the run that went on gives another network; %d graphs were taken as they were, want 2", compiled.Hits)
	}
}

// Steps that are forgotten are compiled anew, to the same bits, and the others are not.
func TestCompiledForgets(t *testing.T) {
	b, compiled := backendtest.Go(t), &train.Compiled{}
	trained := func(loss string) []float32 {
		config := tiny()
		config.Loss, config.Steps, config.Warmup = loss, 3, 1
		return embed(t, run(t, b, config, train.Options{Compiled: compiled}).Embedder).Embeddings
	}
	want := trained("circle")
	trained("triplet")
	compiled.Forget(func(c train.Config) bool { return c.Loss == "circle" })
	trained("triplet")
	if compiled.Hits != 1 {
		t.Errorf("%d graphs were taken as they were, want that of triplet", compiled.Hits)
	}
	if got := trained("circle"); !slices.Equal(got, want) || compiled.Misses != 3 {
		t.Errorf("%d graphs were compiled, want 3; the network is the same: %t", compiled.Misses, slices.Equal(got, want))
	}
}

// What is kept loads checkpoints, and makes untrained networks, as they are without it.
func TestCompiledLoads(t *testing.T) {
	b := backendtest.Go(t)
	compiled := &train.Compiled{}
	for _, seed := range []uint64{1, 2} {
		dir, config := t.TempDir(), tiny()
		config.Steps, config.Warmup, config.Seed = 3, 1, seed
		want := embed(t, run(t, b, config, train.Options{Dir: dir, Compiled: compiled}).Embedder).Embeddings
		loaded, err := compiled.Load(b, dir)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(embed(t, loaded).Embeddings, want) {
			t.Errorf("seed %d: the loaded network embeds otherwise", seed)
		}
		fresh, err := train.NewEmbedder(b, loaded.Network, seed)
		if err != nil {
			t.Fatal(err)
		}
		want = embed(t, fresh).Embeddings
		if fresh, err = compiled.Untrained(b, loaded.Network, seed); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(embed(t, fresh).Embeddings, want) {
			t.Errorf("seed %d: the untrained network embeds otherwise", seed)
		}
	}
	if _, err := compiled.Load(b, t.TempDir()); err == nil {
		t.Error("a folder without a checkpoint is loaded")
	}
}

// Images of several labels do not take the graph of images of one.
func TestCompiledTellsLabelsApart(t *testing.T) {
	b, compiled := backendtest.Go(t), &train.Compiled{}
	config := tiny()
	config.Steps, config.Warmup = 3, 1
	run(t, b, config, train.Options{Compiled: compiled})
	want := learnShared(t, func(c *train.Config) { *c = config }, train.Options{})
	got := learnShared(t, func(c *train.Config) { *c = config }, train.Options{Compiled: compiled})
	if got.History[0].Loss != want.History[0].Loss || compiled.Hits > 0 {
		t.Errorf("a loss of %g, want %g; %d graphs were taken as they were", got.History[0].Loss, want.History[0].Loss, compiled.Hits)
	}
}
