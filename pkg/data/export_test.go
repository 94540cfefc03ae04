package data

import "context"

// For tests of what the published files never are.

// ReadCharacters reads an archive like small 1 with the given number of characters.
func ReadCharacters(archive []byte, characters int) (Dataset, error) {
	return readCharacters("made", "made.zip", archive, characters)
}

// ReadRuns reads an archive like all_runs.zip with the given number of runs.
func ReadRuns(archive []byte, runs int) ([]OneShotRun, error) {
	return readRuns("made.zip", archive, runs)
}

// Fetch gets a file that is not one of Omniglot's.
func Fetch(ctx context.Context, o Options, set, name string, size int, sha256 string) ([]byte, error) {
	return published{set: set, name: name, url: "https://publisher.invalid/", size: int64(size), sha256: sha256}.content(ctx, o)
}

// DecodeImage decodes an image file.
func DecodeImage(raw []byte) (Image, error) { return decodeImage(raw) }

// ParseTable reads a table of paths and labels.
func ParseTable(raw []byte) (rows []map[string]string, err error) {
	t, _, err := parseTable(raw, []string{"path", "label"}, nil)
	for _, r := range t.rows {
		rows = append(rows, r.values)
	}
	return rows, err
}
