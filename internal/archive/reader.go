package archive

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Reader reads an archive that has been found whole.
type Reader struct {
	Manifest
	from io.ReaderAt
}

const (
	lengthSize   = 8
	mostManifest = 16 << 20 // bytes
	mostValue    = 1 << 30  // bytes, as in PostgreSQL
)

// Open reads an archive of that many bytes through to its end, and returns it
// when every byte is as it was written.
// Errors: ErrForeign, ErrDamaged, one about a newer form, or of reading.
func Open(from io.ReaderAt, size int64) (*Reader, error) {
	start := make([]byte, min(int64(len(head)), max(size, 0)))
	if _, err := from.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, err
	}
	if err := checkHead(start); err != nil {
		return nil, err
	}
	body := size - sha256.Size
	if body < int64(len(head)+lengthSize) {
		return nil, broken("it ends too early")
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(from, 0, body)); err != nil {
		return nil, err
	}
	kept := make([]byte, sha256.Size)
	if _, err := from.ReadAt(kept, body); err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Equal(sum.Sum(nil), kept) {
		return nil, broken("it does not end with its own checksum")
	}
	return openManifest(from, body)
}

// openManifest reads the manifest, which lies before the end of the body.
func openManifest(from io.ReaderAt, body int64) (*Reader, error) {
	var length [lengthSize]byte
	if _, err := from.ReadAt(length[:], body-lengthSize); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint64(length[:])
	room := body - lengthSize - int64(len(head))
	if size > mostManifest || size > uint64(room) {
		return nil, broken("a manifest of %d bytes does not fit", size)
	}
	end := body - lengthSize - int64(size) // of the tables
	text := make([]byte, size)
	if _, err := from.ReadAt(text, end); err != nil {
		return nil, err
	}
	r := &Reader{from: from}
	if err := json.Unmarshal(text, &r.Manifest); err != nil {
		return nil, broken("its manifest cannot be read")
	}
	for _, t := range r.Tables {
		if t.Offset < int64(len(head)) || t.Length < 0 || t.Offset > end || t.Length > end-t.Offset || t.Rows < 0 || len(t.Columns) == 0 {
			return nil, broken("there is no table %q where its manifest says", t.Name)
		}
	}
	return r, nil
}

// Table finds a table by name.
func (r *Reader) Table(name string) (Table, bool) {
	i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return r.Tables[i], true
}

// Rows yields the rows of a table. A row holds until the next one. An error is the
// last thing yielded: ErrDamaged, or of reading.
func (r *Reader) Rows(t Table) iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		section := io.NewSectionReader(r.from, t.Offset, t.Length)
		inflate := flate.NewReader(bufio.NewReaderSize(section, 64<<10))
		rows := stream{from: bufio.NewReader(inflate), row: make([]Value, len(t.Columns))}
		for range t.Rows {
			if err := rows.next(); err != nil {
				yield(nil, fmt.Errorf("table %s: %w", t.Name, err))
				return
			}
			if !yield(rows.row, nil) {
				return
			}
		}
		if _, err := rows.from.ReadByte(); err != io.EOF {
			yield(nil, broken("table %s has more rows than its manifest says", t.Name))
		}
	}
}

// stream takes rows apart, into one row that it uses again and again.
type stream struct {
	from *bufio.Reader
	row  []Value
}

func (s *stream) next() error {
	for i := range s.row {
		if err := s.value(&s.row[i]); err != nil {
			return broken("%v", err)
		}
	}
	return nil
}

func (s *stream) value(v *Value) error {
	kind, err := s.from.ReadByte()
	if err != nil {
		return err
	}
	switch v.Kind = Kind(kind); v.Kind {
	case Null:
		return nil
	case Integer:
		v.Integer, err = binary.ReadVarint(s.from)
		return err
	case Bytes, Text:
		length, err := binary.ReadUvarint(s.from)
		if err != nil {
			return err
		}
		v.Bytes, err = s.bytes(v.Bytes[:0], length)
		return err
	}
	return fmt.Errorf("a value of kind %d", kind)
}

// bytes reads so many, in steps: a length alone takes no memory.
func (s *stream) bytes(into []byte, length uint64) ([]byte, error) {
	if length > mostValue {
		return into, fmt.Errorf("a value of %d bytes", length)
	}
	for left := int(length); left > 0; {
		step := min(left, 64<<10)
		into = slices.Grow(into, step)
		at := len(into)
		if _, err := io.ReadFull(s.from, into[at:at+step]); err != nil {
			return into, err
		}
		into = into[:at+step]
		left -= step
	}
	return into, nil
}
