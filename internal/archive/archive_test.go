package archive

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// tables are what the tests write: every kind, and a table without rows.
var tables = []struct {
	name    string
	columns []string
	rows    [][]Value
}{
	{"cards", []string{"id", "name", "balance", "till"}, [][]Value{
		{{Kind: Bytes, Bytes: []byte{0, 255, 10}}, {Kind: Text, Bytes: []byte("Żółw")}, {Kind: Integer, Integer: math.MinInt64}, {Kind: Null}},
		{{Kind: Bytes}, {Kind: Text}, {Kind: Integer, Integer: math.MaxInt64}, {Kind: Integer, Integer: -1}},
	}},
	{"empty", []string{"id"}, nil},
	{"large", []string{"body"}, [][]Value{{{Kind: Bytes, Bytes: bytes.Repeat([]byte("stamps "), 100_000)}}, {{Kind: Null}}}},
}

func write(t testing.TB, to io.Writer) Manifest {
	t.Helper()
	w := NewWriter(to, Manifest{Made: time.Unix(1, 0).UTC(), Database: "PostgreSQL", Schema: 7})
	for _, table := range tables {
		if err := w.Begin(table.name, table.columns); err != nil {
			t.Fatal(err)
		}
		for _, row := range table.rows {
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sample(t testing.TB) []byte {
	var file bytes.Buffer
	write(t, &file)
	return file.Bytes()
}

func open(file []byte) (*Reader, error) { return Open(bytes.NewReader(file), int64(len(file))) }

// all reads everything, and returns how many values there are.
func all(r *Reader) (values int, err error) {
	for _, table := range r.Tables {
		for row, err := range r.Rows(table) {
			if err != nil {
				return values, err
			}
			values += len(row)
		}
	}
	return values, nil
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	var file bytes.Buffer
	wrote := write(t, &file)
	r, err := open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Manifest, wrote) || r.Schema != 7 || r.RowCount() != 4 {
		t.Errorf("manifest %+v, wrote %+v", r.Manifest, wrote)
	}
	for i := len(tables) - 1; i >= 0; i-- { // in any order
		want := tables[i]
		table, ok := r.Table(want.name)
		if !ok || !reflect.DeepEqual(table.Columns, want.columns) {
			t.Errorf("%s: %+v", want.name, table)
		}
		n := 0
		for row, err := range r.Rows(table) {
			if err != nil {
				t.Fatal(err)
			}
			for j, value := range row {
				w := want.rows[n][j]
				if value.Kind != w.Kind ||
					w.Kind == Integer && value.Integer != w.Integer ||
					w.Kind >= Bytes && !bytes.Equal(value.Bytes, w.Bytes) {
					t.Errorf("%s, row %d, column %d: %v", want.name, n, j, value)
				}
			}
			n++
		}
		if n != len(want.rows) {
			t.Errorf("%s: %d rows", want.name, n)
		}
	}
	if _, ok := r.Table("stamps"); ok {
		t.Error("found a table that is not there")
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	file := sample(t)
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			if _, err := open(file); err == nil {
				t.Errorf("byte %d, bit %d", i, bit)
			}
			file[i] ^= 1 << bit
		}
	}
	for end := range file {
		if _, err := open(file[:end]); err == nil {
			t.Errorf("cut off at %d of %d", end, len(file))
		}
	}
	if _, err := open(append(file, 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	file := sample(t)
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "is no backup"},
		{"another file", []byte("SQLite format 3\x00 and so on, for longer than a checksum is"), "is no backup"},
		{"a newer form", append([]byte("stempel-backup 2\n"), file...), "has form 2, and this stempel reads form 1"},
		{"no form", []byte("stempel-backup x\n"), "is damaged or not whole"},
		{"only a beginning", head, "it ends too early"},
		{"half", file[:len(file)/2], "it does not end with its own checksum"},
		{"no manifest", sealed(append(head, make([]byte, lengthSize)...)), "its manifest cannot be read"},
		{"a manifest too long", sealed(append(head, bytes.Repeat([]byte{255}, lengthSize)...)), "does not fit"},
		{"a table beyond the end", made(t, Table{Name: "x", Columns: []string{"a"}, Offset: int64(len(head)), Length: 1000}, nil), `no table "x"`},
		{"a table without columns", made(t, Table{Name: "x", Offset: int64(len(head))}, nil), `no table "x"`},
	}
	for _, tt := range tests {
		_, err := open(tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// What only a program that writes the form wrongly would make.
func TestRowsThatAreNone(t *testing.T) {
	huge := binary.AppendUvarint([]byte{byte(Bytes)}, 1<<62)
	long := binary.AppendUvarint([]byte{byte(Text)}, mostValue)
	tests := []struct {
		name string
		rows int64
		body []byte
		want string
	}{
		{"too few", 3, []byte{0, 0}, "table x: is damaged"},
		{"too many", 1, []byte{0, 0}, "more rows than its manifest says"},
		{"no kind", 1, []byte{9}, "a value of kind 9"},
		{"huge", 1, huge, "a value of 4611686018427387904 bytes"},
		{"long, and not there", 1, long, "EOF"},
		{"no number", 1, []byte{byte(Integer), 0x80}, "EOF"},
	}
	for _, tt := range tests {
		r, err := open(made(t, Table{Name: "x", Columns: []string{"a"}, Rows: tt.rows, Offset: int64(len(head))}, tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all(r); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// made is a file of one table with such a body, deflated here.
func made(t testing.TB, table Table, body []byte) []byte {
	t.Helper()
	var stream bytes.Buffer
	deflate, err := flate.NewWriter(&stream, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deflate.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := deflate.Close(); err != nil {
		t.Fatal(err)
	}
	if table.Length == 0 {
		table.Length = int64(stream.Len())
	}
	manifest, err := json.Marshal(Manifest{Tables: []Table{table}})
	if err != nil {
		t.Fatal(err)
	}
	file := append(bytes.Clone(head), stream.Bytes()...)
	file = append(file, manifest...)
	return sealed(binary.BigEndian.AppendUint64(file, uint64(len(manifest))))
}

// sealed puts the right checksum behind anything.
func sealed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(bytes.Clone(body), sum[:]...)
}

func TestWriterMistakes(t *testing.T) {
	w := NewWriter(io.Discard, Manifest{})
	if err := w.Row([]Value{{}}); err == nil {
		t.Error("a row of no table")
	}
	if err := w.Begin("x", []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Row([]Value{{}}); err == nil {
		t.Error("a value too few")
	}
}

// full is a disk with that many bytes left.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	size := len(sample(t))
	for _, left := range []int{0, 10, size / 2, size - 1} {
		w := NewWriter(&full{left}, Manifest{Made: time.Unix(1, 0).UTC(), Database: "PostgreSQL", Schema: 7})
		for _, table := range tables {
			_ = w.Begin(table.name, table.columns) // the first error comes again
			for _, row := range table.rows {
				_ = w.Row(row)
			}
		}
		if _, err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("%d of %d bytes: %v", left, size, err)
		}
	}
}

// FuzzOpen seals what it is given, so that it is read: it may be refused, it must
// not take the program with it.
func FuzzOpen(f *testing.F) {
	file := sample(f)
	f.Add(file[:len(file)-sha256.Size])
	f.Add(made(f, Table{Name: "x", Columns: []string{"a"}, Rows: 2, Offset: int64(len(head))}, []byte{0, 1, 2}))
	f.Add([]byte("stempel-backup 1\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = open(body)
		r, err := open(sealed(body))
		if err != nil {
			return
		}
		for i := range r.Tables { // a manifest may promise any number of rows of nothing
			r.Tables[i].Rows = min(r.Tables[i].Rows, 1000)
		}
		if _, err := all(r); err != nil && !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
	})
}

func ExampleWriter() {
	var file bytes.Buffer
	w := NewWriter(&file, Manifest{Schema: 1})
	_ = w.Begin("cards", []string{"name", "balance"})
	_ = w.Row([]Value{{Kind: Text, Bytes: []byte("Anna")}, {Kind: Integer, Integer: 7}})
	_, _ = w.Close()

	r, _ := Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	for row := range r.Rows(r.Tables[0]) {
		fmt.Println(string(row[0].Bytes), row[1].Integer)
	}
	// Output: Anna 7
}
