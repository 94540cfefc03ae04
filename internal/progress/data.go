package progress

import (
	"fmt"
	"io"

	"github.com/unipair/unipair/internal/escape"
	"github.com/unipair/unipair/pkg/data"
)

// OfData returns options that say on w how far a data set is fetched and looked at. With skipBad, images that cannot be read are left out,
// named, and counted.
func OfData(w io.Writer, skipBad bool) (o data.Options, skipped func() int) {
	count := 0
	transfer, looked := NewGauge(w, "MB", 1e6), NewGauge(w, "images", 1)
	o.Transfer = transfer.Show
	o.Checking = func(set string, done, of int) { looked.Show("looking at "+set, int64(done), int64(of)) }
	o.Progress = func(line string) {
		transfer.End()
		looked.End()
		fmt.Fprintln(w, escape.Line(line))
	}
	if skipBad {
		o.Skip = func(image string, reason error) {
			count++
			o.Progress(fmt.Sprintf("left out: %s: %v", image, reason))
		}
	}
	return o, func() int { return count }
}
