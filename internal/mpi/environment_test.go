package mpi

import (
	"os"
	"strings"
	"testing"
	"time"
)

// How many processes there are, which GPU is one's own and how long others are waited for come from the environment.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
		"PMIX_LOCAL_RANK", "SLURM_LOCALID", LimitVariable} {
		t.Setenv(name, "")
	}
	if n := launched(); n != 0 {
		t.Errorf("%d processes without a launcher", n)
	}
	t.Setenv("PMI_SIZE", "4")
	if n := launched(); n != 4 {
		t.Errorf("%d processes, want 4", n)
	}
	for said, want := range map[string]string{"": "3", "7": "7"} {
		t.Setenv("CUDA_VISIBLE_DEVICES", said)
		if said == "" {
			os.Unsetenv("CUDA_VISIBLE_DEVICES")
		}
		t.Setenv("SLURM_LOCALID", "3")
		if err := ownGPU(); err != nil || os.Getenv("CUDA_VISIBLE_DEVICES") != want {
			t.Errorf("the GPU is %q, %v, want %s", os.Getenv("CUDA_VISIBLE_DEVICES"), err, want)
		}
	}
	if l, err := readLimits(); err != nil || l.ask+l.answer > time.Minute || l.late != 30*time.Minute {
		t.Errorf("limits %+v, %v", l, err)
	}
	t.Setenv(LimitVariable, "4s")
	if l, err := readLimits(); err != nil || l.late != 4*time.Second || l.ask != 2*time.Second {
		t.Errorf("limits %+v, %v", l, err)
	}
	for _, wrong := range []string{"0s", "-1m", "soon"} {
		t.Setenv(LimitVariable, wrong)
		if _, err := readLimits(); err == nil || !strings.Contains(err.Error(), "must be a time above 0, such as 30m, got") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for want, those := range map[string][]int{"rank 2": {2}, "ranks 2 and 5": {2, 5}, "ranks 1, 2 and 5": {1, 2, 5}} {
		if got := these(those); got != want {
			t.Errorf("%v are %q, want %q", those, got, want)
		}
	}
}
