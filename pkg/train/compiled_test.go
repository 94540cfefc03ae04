package train_test

import (
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
			networks, wanted = append(networks, got.Embedder), append(wanted, embed(t, want.Embedder).Embeddings)
		}
		for i, network := range networks { // those of earlier runs are not changed by later ones
			if !slices.Equal(embed(t, network).Embeddings, wanted[i]) {
				t.Errorf("the network of run %d embeds otherwise", i)
			}
		}
	})
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
