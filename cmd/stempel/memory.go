package main

import (
	"os"
	"runtime/debug"
)

// What the server may use of memory. What lives in it is a few megabytes, so
// that by default the collector would run hundreds of times a second under load;
// a larger heap costs memory that is still less than a small machine's.
const (
	collectAt   = 400      // percent of growth
	memoryLimit = 52 << 20 // bytes, softly: from here the collector works harder; the program itself and SQLite come on top
)

// tuneMemory sets both, unless whoever runs us has set them.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
