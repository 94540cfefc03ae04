package mpi

import (
	"os"
	"strings"
	"testing"
	"time"
)

// How many processes there are, which GPU is one's own and how long others are waited for come from the environment.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "PMIX_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID",
		"PMIX_LOCAL_RANK", "SLURM_LOCALID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", LimitVariable} {
		t.Setenv(name, "")
	}
	os.Unsetenv("PMIX_RANK")
	for _, c := range []struct {
		of   string
		said map[string]string
		want int
	}{
		{"nobody", nil, 0},
		{"a job of Slurm's, without a launcher", map[string]string{"SLURM_NTASKS": "4"}, 0},
		{"srun --mpi=pmi2", map[string]string{"PMI_SIZE": "4", "SLURM_NTASKS": "8"}, 4},
		{"srun --mpi=pmix", map[string]string{"PMIX_RANK": "0", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "8"}, 3},
		{"srun --mpi=pmix of an old Slurm", map[string]string{"PMIX_RANK": "1", "SLURM_NTASKS": "2"}, 2},
	} {
		t.Run(c.of, func(t *testing.T) {
			for name, value := range c.said {
				t.Setenv(name, value)
			}
			if n := launched(); n != c.want {
				t.Errorf("%d processes, want %d", n, c.want)
			}
		})
	}
	for said, want := range map[string]string{"": "3", "7": "7", "0,2,4,6": "6", "GPU-a,GPU-b": "GPU-b", "-1": "-1"} {
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
