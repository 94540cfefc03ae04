package data

// Cameras tells which camera took each image of a set, for protocols of re-identification, where a query does not count what its own
// camera took of the same person. ok is false where the set does not say.
func Cameras(ds Dataset) (cameras []int, ok bool) {
	switch set := ds.(type) {
	case *files:
		return set.cameras, set.cameras != nil
	case *vectors:
		return set.cameras, set.cameras != nil
	case *subset:
		all, ok := Cameras(set.Dataset)
		if !ok {
			return nil, false
		}
		for _, i := range set.images {
			cameras = append(cameras, all[i])
		}
		return cameras, true
	}
	return nil, false
}
