package store

import (
	"time"

	"stempel/internal/loyalty"
)

// sink takes the columns of one row, in the order of a change's column list.
// Encoders of both databases implement it, so that how a record becomes a row is
// written once.
type sink interface {
	id(id [16]byte) // the zero id becomes NULL
	number(n int64)
	maybe(n int64) // 0 becomes NULL: of what few rows have
	flag(b bool)
	bytes(b []byte) // nil becomes NULL
	text(t string)
}

// source gives the columns of one row, in the order of the SELECT list. NULL
// comes as the zero value.
type source interface {
	id() [16]byte
	number() int64
	flag() bool
	bytes() []byte // the caller's to keep
	hash() loyalty.Hash
	text() string
}

// micros is how a time is stored: microseconds since 1970 UTC, and 0 for none.
// No clock of a shop shows 1970.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
