package train

// ExchangeAtOnce has class weights exchanged in so many bytes at once, and returns what ends that.
func ExchangeAtOnce(bytes int) (end func()) {
	before := bytesAtOnce
	bytesAtOnce = bytes
	return func() { bytesAtOnce = before }
}
