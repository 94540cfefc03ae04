// Package walker learns from time, for a notebook about video: frames of a clip that are near in time are positives, and no label says
// what they show. The clips are drawn: a stick figure walks, of proportions and a pace of its own. So nothing is downloaded, and the phase
// of its step is known for every frame.
package walker
