package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// bulk makes insertions, and nothing else, in one transaction: by COPY, which
// takes a third of what statements do.
func (p *postgres) bulk(ctx context.Context, insert func(context.Context, changes) error) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return translate(err, false)
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return translate(err, false)
	}
	if err := insert(ctx, copying{tx}); err != nil {
		rollBack(conn)
		return translate(err, false)
	}
	return translate(tx.Commit(ctx), true)
}

// copying makes insertions by COPY.
type copying struct{ tx pgx.Tx }

func (c copying) change(ctx context.Context, what *change, rows int, put func(i int, s sink)) error {
	if what.table == "" {
		return fmt.Errorf("store: not an insertion: %s", what.postgres)
	}
	values := make(copiedRow, 0, len(what.names))
	_, err := c.tx.CopyFrom(ctx, pgx.Identifier{what.table}, what.names, pgx.CopyFromSlice(rows, func(i int) ([]any, error) {
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
