package train

// ExchangeAtOnce has class weights exchanged in so many bytes at once, and returns what ends that.
func ExchangeAtOnce(bytes int) (end func()) {
	before := bytesAtOnce
	bytesAtOnce = bytes
	return func() { bytesAtOnce = before }
}

// Held returns how many values the variables of kept steps have.
func (c *Compiled) Held() (n int) {
	for _, k := range c.steps {
		for _, v := range k.value.variables {
			if v.HasValue() {
				n++
			}
		}
	}
	return n
}
