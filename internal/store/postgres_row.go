package store

import (
	"bytes"
	"encoding/binary"

	"stempel/internal/loyalty"
)

// wireRow is a source over a row in PostgreSQL's binary form. Its memory is the
// connection's and is gone with the next row, so whatever is kept is copied.
type wireRow struct {
	values [][]byte
	next   int
}

func (r *wireRow) value() []byte {
	r.next++
	return r.values[r.next-1]
}

func (r *wireRow) id() (id [16]byte) {
	copy(id[:], r.value())
	return id
}

func (r *wireRow) hash() (h loyalty.Hash) {
	copy(h[:], r.value())
	return h
}

// number reads a smallint, an integer or a bigint.
func (r *wireRow) number() int64 {
	switch v := r.value(); len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	}
	return 0 // NULL
}

func (r *wireRow) flag() bool {
	v := r.value()
	return len(v) == 1 && v[0] == 1
}

func (r *wireRow) bytes() []byte { return bytes.Clone(r.value()) }
func (r *wireRow) text() string  { return string(r.value()) }
