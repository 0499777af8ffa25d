package moving

import (
	"context"
	"time"
)

// How many lines go into one transaction: enough that its trips cost nothing beside
// its rows. Where there is a single writer, a till waits for the whole of it.
const (
	batchLines = 5000
	turnLines  = 500
)

func (i *Import) batchLines() int {
	if i.TakeTurns {
		return turnLines
	}
	return batchLines
}

// Who waits for SQLite's only writer looks again after 1 ms, then ever more rarely:
// after 25 ms when it has waited for a tenth of a second, and in the end after 100
// (sqliteDefaultBusyCallback). To rest as long as the batch took is for the waiter
// to look at least once, and halves the import at most.
const (
	shortestRest = 25 * time.Millisecond
	longestRest  = 100 * time.Millisecond
)

// rest leaves the store to others after a batch that took so long.
func (i *Import) rest(ctx context.Context, took time.Duration) error {
	if !i.TakeTurns {
		return nil
	}
	select {
	case <-time.After(min(max(took, shortestRest), longestRest)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
