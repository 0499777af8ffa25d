package loyalty

import "errors"

// What a store or guard may report that is nobody's mistake. Everything else
// that is not a *Refusal is internal.
var (
	// ErrConflict: a constraint was violated, so nothing of the batch was
	// written. Somebody else was first; deciding anew will see it.
	ErrConflict = errors.New("the batch conflicts with what others have written")

	// ErrOutcomeUnknown: the connection was lost while committing. Posting the
	// same requests again settles it.
	ErrOutcomeUnknown = errors.New("it is not known whether the batch was committed")

	// ErrUnavailable: the database cannot be reached or cannot write; nothing
	// was written.
	ErrUnavailable = errors.New("the database is not available")

	// ErrNotFound: a read found no such row, or not this merchant's.
	ErrNotFound = errors.New("no such row")
)
