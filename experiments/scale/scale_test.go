package main

import "testing"

// What XLA 0.81 wrote for a class-level loss on 4 devices, shortened.
const hlo = `
  %all-gather = s32[64]{0} all-gather(%param), channel_id=1, replica_groups=[1,4]<=[4], dimensions={0}
  %all-gather.1 = f32[64,32]{1,0} all-gather(%select), channel_id=2, dimensions={0}
  %normal = f32[256,32]{1,0} fusion(%param.2), kind=kLoop, calls=%fused
  %dot.6 = f32[64,256]{1,0} dot(%all-gather.1, %normal), lhs_contracting_dims={1}, rhs_contracting_dims={1}
  %all-reduce.8 = (f32[64]{0}, f32[64]{0}) all-reduce(%wrapped_reduce.3, %wrapped_reduce.5), channel_id=5
  %weights = f32[64,256]{1,0} fusion(%dot.6), kind=kLoop
  ROOT %dot.8 = f32[256,32]{1,0} dot(%weights, %all-gather.1), lhs_contracting_dims={0}, rhs_contracting_dims={0}
`

func TestParse(t *testing.T) {
	p := parse(hlo)
	if want := 2 * 2 * 64. * 256 * 32; p.flops != want {
		t.Errorf("%g FLOP, want %g", p.flops, want)
	}
	if got, want := p.exchanged["all-gather"], 4*64.+4*64*32; got != want {
		t.Errorf("%g bytes gathered, want %g", got, want)
	}
	if got, want := p.exchanged["all-reduce"], 2*4*64.; got != want {
		t.Errorf("%g bytes reduced, want %g", got, want)
	}
	if p.exchanges != 3 {
		t.Errorf("%d exchanges, want 3", p.exchanges)
	}
}

func TestModel(t *testing.T) {
	j := job{batch: 100, dim: 10, classes: 1000, devices: 4}
	if got, want := j.flops(), 6*100*1000*10/4.; got != want {
		t.Errorf("%g FLOP, want %g", got, want)
	}
	if got, want := j.gathered(), 4*100*10.; got != want {
		t.Errorf("%g bytes gathered, want %g", got, want)
	}
}
