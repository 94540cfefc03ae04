package walker

// NewEmbedded is for tests of the exam alone.
var NewEmbedded = newEmbedded
