package train

import (
	"regexp"

	"github.com/unipair/unipair/pkg/data"
)

// turnedOver are the names of the sets that turned their pictures over themselves, before that was the network's: Omniglot's.
var turnedOver = regexp.MustCompile(`^((mirrored|rotations of) )*omniglot( small [12]( without Greek and Latin)?| split, (training|validation)|-full, images_(background|evaluation)\.zip)(, .*)?$`)

// asTrained is the network of a checkpoint that was trained on a data set of a name. One from before it was kept whether pictures are
// turned over saw those of Omniglot so, from the set itself, and all others as they are.
func (n Network) asTrained(set string) Network {
	n.Invert = n.Invert.For(data.Format{Features: n.Features, DarkOnLight: turnedOver.MatchString(set)})
	return n
}
