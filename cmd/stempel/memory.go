package main

import (
	"os"
	"runtime/debug"
)

// What the server may use of memory. What lives in it is a few megabytes, so
// that by default the collector would run hundreds of times a second under load;
// a larger heap costs memory that is still less than a small machine's.
const (
	collectAt = 400 // percent of growth

	// Bytes, softly: from here the collector works harder. The program itself and
	// SQLite come on top. An import holds whole batches of rows.
	serverMemory = 52 << 20
	importMemory = 112 << 20
)

// tuneMemory sets both, unless whoever runs us has set them.
func tuneMemory(limit int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
}
