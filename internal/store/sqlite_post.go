package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"stempel/internal/loyalty"
)

// post is one attempt at a batch, in one transaction of the only writer.
//
// A cancelled ctx ends the wait for the writer and forbids the commit, but does
// not interrupt statements: they wait for nothing but the disk, and the driver
// would start a goroutine for each to watch ctx.
func (l *lite) post(ctx context.Context, k *loyalty.Keys, decide func(*loyalty.Facts) loyalty.Writes) error {
	conn, err := l.writer.Conn(ctx)
	if err != nil {
		return translate(err, false)
	}
	defer conn.Close()
	steady := context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(steady, nil)
	if err != nil {
		return translate(err, false)
	}
	defer rollBackLite(tx)

	facts, err := liteTx{tx}.gather(steady, k, l.programs)
	if err != nil {
		return translate(err, false)
	}
	writes := decide(facts)
	if isEmpty(&writes) {
		return nil
	}
	if err := write(steady, liteTx{tx}, &writes); err != nil {
		return translate(err, false)
	}
	if writes.Late != nil {
		if err := writeLate(steady, liteTx{tx}, &writes); err != nil {
			return translate(err, false)
		}
	}
	if err := ctx.Err(); err != nil {
		return translate(err, false)
	}
	return translate(tx.Commit(), true)
}

// liteTx reads and writes in a transaction of SQLite.
type liteTx struct{ tx *sql.Tx }

func (t liteTx) gather(ctx context.Context, k *loyalty.Keys, p *programs) (*loyalty.Facts, error) {
	g := newGathering(p)
	for asked := g.first(k); len(asked) > 0; asked = g.next(k) {
		for _, q := range asked {
			if err := t.ask(ctx, q, g); err != nil {
				return nil, err
			}
		}
	}
	return g.finish()
}

func (t liteTx) ask(ctx context.Context, q question, g *gathering) error {
	keys := make([]any, 0, 2*len(q.keys))
	for _, key := range q.keys {
		keys = append(keys, key)
		if q.lookup.timed {
			keys = append(keys, q.at)
		}
	}
	rows, err := t.tx.QueryContext(ctx, q.lookup.forSQLite(len(q.keys)), keys...)
	if err != nil {
		return err
	}
	return each(rows, func(r source) { q.lookup.read(g, r) })
}

// maxParameters bounds a statement. The driver compiles statements anew each
// time, prepared or not, so one for many rows saves something; but it looks for
// each parameter in the whole list, so one for very many loses it again.
const maxParameters = 128

func (t liteTx) change(ctx context.Context, c *change, rows int, put func(i int, s sink)) error {
	most := max(1, maxParameters/len(c.kinds))
	for from := 0; from < rows; from += most {
		n := min(most, rows-from)
		values := make(liteRow, 0, n*len(c.kinds))
		for i := range n {
			put(from+i, &values)
		}
		result, err := t.tx.ExecContext(ctx, c.forSQLite(n), values...)
		if err != nil {
			return err
		}
		found, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if c.exact && found != int64(n) {
			return fmt.Errorf("store: %d rows found instead of %d: %s", found, n, c.sqliteHead)
		}
	}
	return nil
}

// forSQLite is the text for so many rows.
func (c *change) forSQLite(rows int) string {
	return c.sqliteHead + c.sqliteTuple + strings.Repeat(", "+c.sqliteTuple, rows-1) + c.sqliteTail
}

// liteRow collects the values of rows for SQLite.
type liteRow []any

func (r *liteRow) number(n int64) { *r = append(*r, n) }
func (r *liteRow) flag(b bool)    { *r = append(*r, b) }
func (r *liteRow) text(t string)  { *r = append(*r, t) }

func (r *liteRow) maybe(n int64) {
	if n == 0 {
		*r = append(*r, nil)
	} else {
		*r = append(*r, n)
	}
}

func (r *liteRow) id(id [16]byte) {
	if id == ([16]byte{}) {
		*r = append(*r, nil)
	} else {
		*r = append(*r, id[:])
	}
}

func (r *liteRow) bytes(b []byte) {
	if b == nil {
		*r = append(*r, nil)
	} else {
		*r = append(*r, b)
	}
}
