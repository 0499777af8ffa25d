package archive

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Manifest says what is in an archive.
type Manifest struct {
	Made     time.Time `json:"made"`
	Database string    `json:"database"` // what it was made of, for people
	Schema   int64     `json:"schema"`   // version of the tables
	Tables   []Table   `json:"tables"`
}

// Table is one table of an archive.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
	Offset  int64    `json:"offset"` // of its stream, in bytes from the beginning
	Length  int64    `json:"length"` // of its stream, in bytes
}

// RowCount is how many rows all tables have.
func (m *Manifest) RowCount() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Kind says what a Value is.
type Kind byte

// The kinds of values. Whatever else a database knows is Text.
const (
	Null Kind = iota
	Integer
	Bytes
	Text
)

// Value is one value of a row.
type Value struct {
	Kind    Kind
	Integer int64
	Bytes   []byte // also those of a Text
}

// What an archive begins with.
const (
	name = "stempel-backup "
	form = 1
)

var head = fmt.Appendf(nil, "%s%d\n", name, form)

// What can be wrong with a file, as sentences that go on after its name.
var (
	ErrForeign = errors.New("is no backup of Stempel")
	ErrDamaged = errors.New("is damaged or not whole")
)

// checkHead reads what a file begins with.
func checkHead(start []byte) error {
	if bytes.Equal(start, head) {
		return nil
	}
	rest, ours := bytes.CutPrefix(start, []byte(name))
	if !ours {
		return ErrForeign
	}
	number, _, _ := bytes.Cut(rest, []byte("\n"))
	if other, err := strconv.ParseUint(string(number), 10, 16); err == nil && other != form {
		return fmt.Errorf("has form %d, and this stempel reads form %d: use the one that made it, or a newer one", other, form)
	}
	return ErrDamaged
}

// broken is a damage, with what shows it.
func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
