package data

import "math"

// normal reports whether pixels can be normalised by mean and std.
func normal(mean, std float32) bool {
	return !math.IsNaN(float64(mean)) && !math.IsInf(float64(mean), 0) && std >= 0 && !math.IsInf(float64(std), 0)
}

// normalise replaces x by (x − mean) / std.
func normalise(pixels []float32, mean, std float32) {
	if std == 0 {
		std = 1
	}
	for i, x := range pixels {
		pixels[i] = (x - mean) / std
	}
}
