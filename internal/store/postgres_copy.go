package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// copying makes insertions, and nothing else, by COPY, which takes a third of what
// statements do.
type copying struct{ conn *pgx.Conn }

func (c copying) change(ctx context.Context, what *change, rows int, put func(i int, s sink)) error {
	if what.table == "" {
		return fmt.Errorf("store: not an insertion: %s", what.postgres)
	}
	values := make(copiedRow, 0, len(what.names))
	_, err := c.conn.CopyFrom(ctx, pgx.Identifier{what.table}, what.names, pgx.CopyFromSlice(rows, func(i int) ([]any, error) {
		values = values[:0]
		put(i, &values)
		return values, nil
	}))
	return err
}

// copiedRow collects the values of one row as pgx takes them.
type copiedRow []any

func (r *copiedRow) number(n int64) { *r = append(*r, n) }
func (r *copiedRow) flag(b bool)    { *r = append(*r, b) }
func (r *copiedRow) text(t string)  { *r = append(*r, t) }

func (r *copiedRow) maybe(n int64) {
	if n == 0 {
		*r = append(*r, nil)
	} else {
		*r = append(*r, n)
	}
}

func (r *copiedRow) id(id [16]byte) {
	if id == ([16]byte{}) {
		*r = append(*r, nil)
	} else {
		*r = append(*r, id)
	}
}

func (r *copiedRow) bytes(b []byte) {
	if b == nil {
		*r = append(*r, nil)
	} else {
		*r = append(*r, b)
	}
}
