package archive

import (
	"bufio"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Writer writes an archive: for each table Begin and then its rows, and Close at
// the end. The first error is kept, and returned by everything after.
type Writer struct {
	to       *bufio.Writer
	sum      hash.Hash
	written  int64
	manifest Manifest
	deflate  *flate.Writer
	row      []byte
	err      error
}

// NewWriter begins an archive of a schema. Of m it takes Made, Database and
// Schema.
func NewWriter(to io.Writer, m Manifest) *Writer {
	w := &Writer{sum: sha256.New(), manifest: m}
	w.manifest.Tables = []Table{}
	w.to = bufio.NewWriterSize(io.MultiWriter(to, w.sum), 64<<10)
	// Keys and hashes do not compress, the rest does at once.
	w.deflate, w.err = flate.NewWriter((*counted)(w), flate.BestSpeed)
	w.write(head)
	return w
}

// counted is a Writer as what it writes its streams to.
type counted Writer

func (c *counted) Write(p []byte) (int, error) {
	(*Writer)(c).write(p)
	return len(p), c.err
}

func (w *Writer) write(p []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(p)
		w.written += int64(len(p))
	}
}

// Begin begins a table. Rows follow.
func (w *Writer) Begin(table string, columns []string) error {
	w.end()
	w.manifest.Tables = append(w.manifest.Tables, Table{Name: table, Columns: columns, Offset: w.written})
	w.deflate.Reset((*counted)(w))
	return w.err
}

// Row adds a row to the table that was begun last. It keeps nothing of it.
func (w *Writer) Row(values []Value) error {
	if w.err != nil {
		return w.err
	}
	if len(w.manifest.Tables) == 0 {
		return errors.New("archive: a row of no table")
	}
	table := &w.manifest.Tables[len(w.manifest.Tables)-1]
	if len(values) != len(table.Columns) {
		return fmt.Errorf("archive: %d values for the %d columns of %s", len(values), len(table.Columns), table.Name)
	}
	w.row = w.row[:0]
	for i := range values {
		w.row = append(w.row, byte(values[i].Kind))
		switch values[i].Kind {
		case Integer:
			w.row = binary.AppendVarint(w.row, values[i].Integer)
		case Bytes, Text:
			w.row = binary.AppendUvarint(w.row, uint64(len(values[i].Bytes)))
			w.row = append(w.row, values[i].Bytes...)
		}
	}
	table.Rows++
	if _, err := w.deflate.Write(w.row); w.err == nil {
		w.err = err
	}
	return w.err
}

// end closes the stream of the last table.
func (w *Writer) end() {
	if len(w.manifest.Tables) == 0 || w.err != nil {
		return
	}
	if err := w.deflate.Close(); w.err == nil {
		w.err = err
	}
	last := &w.manifest.Tables[len(w.manifest.Tables)-1]
	last.Length = w.written - last.Offset
}

// Close writes the manifest and the checksum, and returns what was written. It
// does not close what the archive was written to.
func (w *Writer) Close() (Manifest, error) {
	w.end()
	text, err := json.Marshal(&w.manifest)
	if w.err == nil {
		w.err = err
	}
	w.write(text)
	w.write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
	if w.err == nil {
		w.err = w.to.Flush()
	}
	if w.err == nil { // the sum of all before is not its own part
		w.write(w.sum.Sum(nil))
		w.err = errors.Join(w.err, w.to.Flush())
	}
	return w.manifest, w.err
}
