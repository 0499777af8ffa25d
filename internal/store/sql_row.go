package store

import (
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// sqlRow is a source over a row of database/sql, as both drivers hand it out.
type sqlRow struct {
	values []any
	next   int
	err    error // the first value of a kind that was not due
}

func (r *sqlRow) value() any {
	r.next++
	return r.values[r.next-1]
}

func (r *sqlRow) id() [16]byte {
	var id uid
	if err := id.Scan(r.value()); err != nil && r.err == nil {
		r.err = err
	}
	return id
}

func (r *sqlRow) hash() (h loyalty.Hash) {
	copy(h[:], r.bytes())
	return h
}

func (r *sqlRow) number() int64 { return expect[int64](r) }
func (r *sqlRow) text() string  { return expect[string](r) }

// flag is a boolean in PostgreSQL and a number in SQLite.
func (r *sqlRow) flag() bool {
	switch v := r.value().(type) {
	case bool:
		return v
	case int64:
		return v != 0
	}
	return false
}

// bytes is a blob or, of a JSON document, a text.
func (r *sqlRow) bytes() []byte {
	switch v := r.value().(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

func expect[T any](r *sqlRow) (value T) {
	switch v := r.value().(type) {
	case nil:
	case T:
		return v
	default:
		if r.err == nil {
			r.err = fmt.Errorf("store: column %d is a %T instead of a %T", r.next, v, value)
		}
	}
	return value
}

// cursor goes through the rows of a query.
type cursor struct {
	rows    *sql.Rows
	row     sqlRow
	targets []any
	err     error
}

func newCursor(rows *sql.Rows) *cursor {
	c := &cursor{rows: rows}
	names, err := rows.Columns()
	if err != nil {
		c.err = err
		return c
	}
	c.row.values = make([]any, len(names))
	c.targets = make([]any, len(names))
	for i := range names {
		c.targets[i] = &c.row.values[i]
	}
	return c
}

// next moves to the next row. It returns false at the end or on an error, which
// is then in err.
func (c *cursor) next() bool {
	if c.err == nil {
		c.err = c.row.err
	}
	if c.err != nil {
		return false
	}
	if !c.rows.Next() {
		c.err = c.rows.Err()
		return false
	}
	c.row.next = 0
	c.err = c.rows.Scan(c.targets...)
	return c.err == nil
}

// each reads all rows and closes them.
func each(rows *sql.Rows, read func(source)) error {
	defer rows.Close()
	c := newCursor(rows)
	for c.next() {
		read(&c.row)
	}
	return c.err
}

// all reads every row of a query.
func all[T any](query *gorm.DB, get func(source) T) (list []T, err error) {
	rows, err := query.Rows()
	if err != nil {
		return nil, translate(err, false)
	}
	err = each(rows, func(r source) { list = append(list, get(r)) })
	return list, translate(err, false)
}

// page reads rows newest first: so many, from the one after an id on, or from the
// newest for the zero id. The column holds ids, which sort by age.
func page[T any](query *gorm.DB, column string, after [16]byte, limit int, get func(source) T) ([]T, error) {
	if after != ([16]byte{}) {
		query = query.Where(column+" < ?", uid(after))
	}
	return all(query.Order(column+" DESC").Limit(limit), get)
}

// first reads one row of a query. Errors: loyalty.ErrNotFound.
func first[T any](query *gorm.DB, get func(source) T) (row T, err error) {
	list, err := all(query.Limit(1), get)
	if err == nil && len(list) == 0 {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return row, err
	}
	return list[0], nil
}
