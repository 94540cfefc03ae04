package study

// Fresh readies the folder of a run.
var Fresh = fresh
