package progress

import (
	"fmt"
	"math"
	"time"
)

// Words writes how long something takes as people say it.
func Words(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Round(d.Minutes())))
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// rest returns how long what is left will take, where so much took so long.
func rest(took time.Duration, done, left int64) time.Duration {
	return time.Duration(float64(took) / float64(done) * float64(left))
}
