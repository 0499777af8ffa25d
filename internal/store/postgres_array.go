package store

import "encoding/binary"

// The types that travel to PostgreSQL, with their object ids (pg_type.dat).
var oids = map[string]uint32{"boolean": 16, "bytea": 17, "bigint": 20, "text": 25, "uuid": 2950}

// array is one parameter in PostgreSQL's binary form of a one-dimensional array
// (array_recv in src/backend/utils/adt/arrayfuncs.c): dimensions, a flag, the
// element type, length and lower bound, then each element behind its length.
type array []byte

// null is the length of NULL.
const null = 0xffffffff

func (a array) begin(kind string, elements int) array {
	a = binary.BigEndian.AppendUint32(a[:0], 1) // dimensions
	a = binary.BigEndian.AppendUint32(a, 1)     // may contain NULL
	a = binary.BigEndian.AppendUint32(a, oids[kind])
	a = binary.BigEndian.AppendUint32(a, uint32(elements))
	return binary.BigEndian.AppendUint32(a, 1) // lower bound
}

func (a array) bytes(b []byte) array {
	if b == nil {
		return binary.BigEndian.AppendUint32(a, null)
	}
	return append(binary.BigEndian.AppendUint32(a, uint32(len(b))), b...)
}

func (a array) number(n int64) array {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(a, 8), uint64(n))
}

func (a array) flag(b bool) array {
	a = binary.BigEndian.AppendUint32(a, 1)
	if b {
		return append(a, 1)
	}
	return append(a, 0)
}

// columns turns rows into one array per column. Its memory is used again and
// again: most of what Post sends is made here.
type columns struct {
	arrays []array
	used   int // arrays that the statements of this trip have taken
	first  int // array of the current row's first column
	next   int // array of the next value
}

// take reserves an array per column for a statement of so many rows.
func (c *columns) take(kinds []string, rows int) {
	c.first = c.used
	c.used += len(kinds)
	for len(c.arrays) < c.used {
		c.arrays = append(c.arrays, nil)
	}
	for i, kind := range kinds {
		c.arrays[c.first+i] = c.arrays[c.first+i].begin(kind, rows)
	}
	c.row()
}

// row begins the next row.
func (c *columns) row() { c.next = c.first }

// taken are the arrays of the last statement.
func (c *columns) taken() []array { return c.arrays[c.first:c.used] }

func (c *columns) reset() { c.used = 0 }

func (c *columns) column() *array {
	c.next++
	return &c.arrays[c.next-1]
}

func (c *columns) id(id [16]byte) {
	a := c.column()
	if id == ([16]byte{}) {
		*a = a.bytes(nil)
	} else {
		*a = a.bytes(id[:])
	}
}

func (c *columns) number(n int64) { a := c.column(); *a = a.number(n) }
func (c *columns) maybe(n int64) {
	a := c.column()
	if n == 0 {
		*a = a.bytes(nil)
	} else {
		*a = a.number(n)
	}
}

func (c *columns) flag(b bool)    { a := c.column(); *a = a.flag(b) }
func (c *columns) bytes(b []byte) { a := c.column(); *a = a.bytes(b) }
func (c *columns) text(t string)  { a := c.column(); *a = a.bytes([]byte(t)) }
