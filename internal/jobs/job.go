package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Job is work to do once, at least.
type Job struct {
	Kind string // which handler does it
	Args any    // for the handler, as JSON; no personal data and no secrets
	Many bool   // it is only one of many: those of its kind that are not go first
}

// Handler does jobs of one kind. nil means done. Any error is tried again, in the
// end as a dead letter; see GiveUp and Later.
type Handler func(ctx context.Context, args []byte) error

// Kind is how jobs of a kind are done: in a queue of their own, so that none waits for
// another kind's slow ones.
type Kind struct {
	Do      Handler
	Workers int // jobs at the same time, in this process. Default 8
}

// Handle makes a handler of a function that takes its arguments decoded.
// Arguments that cannot be are given up.
func Handle[T any](f func(ctx context.Context, args T) error) Handler {
	return func(ctx context.Context, raw []byte) error {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return GiveUp(err)
		}
		return f(ctx, args)
	}
}

type givenUp struct{ error }

func (g givenUp) Unwrap() error { return g.error }

// GiveUp makes a dead letter of a job at once: trying again cannot help.
func GiveUp(err error) error { return givenUp{err} }

type later struct{ after time.Duration }

func (later) Error() string { return "later" }

// Later puts a job off without counting it as a failure, as after a
// "Retry-After".
func Later(after time.Duration) error { return later{after} }

// Dead is a job that failed for good.
type Dead struct {
	ID       int64
	Kind     string
	Args     json.RawMessage
	Attempts int
	Since    time.Time // its last attempt
	Problem  string    // what that one failed with
}

// ErrNotDead is what Replay answers to an id that names no dead letter.
var ErrNotDead = errors.New("there is no such dead letter")
