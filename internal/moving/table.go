package moving

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Format is how tables are written.
type Format string

// The formats. CSV is for spreadsheets; NDJSON, one JSON object a line, for
// programs: it leaves out what is empty.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// table writes rows of the same columns.
type table struct {
	columns []string
	file    io.WriteCloser
	to      *bufio.Writer
	csv     *csv.Writer // nil: NDJSON
	cells   []string
	rows    int
}

// newTable begins a file. Values of rows are text, int64, bool, time.Time
// or JSON, which is text in CSV.
func newTable(file io.WriteCloser, f Format, columns ...string) (*table, error) {
	t := &table{columns: columns, file: file, to: bufio.NewWriterSize(file, 1<<16)}
	if f == NDJSON {
		return t, nil
	}
	t.csv = csv.NewWriter(t.to)
	return t, t.csv.Write(columns)
}

func (t *table) row(values ...any) error {
	if len(values) != len(t.columns) {
		return fmt.Errorf("%d values for %d columns", len(values), len(t.columns))
	}
	t.rows++
	if t.csv == nil {
		return t.object(values)
	}
	t.cells = t.cells[:0]
	for _, value := range values {
		t.cells = append(t.cells, cell(value))
	}
	return t.csv.Write(t.cells)
}

func cell(value any) string {
	switch v := value.(type) {
	case string:
		return Harmless(v)
	case json.RawMessage:
		return Harmless(string(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339Nano)
	default:
		panic(fmt.Sprintf("moving: a %T in a table", value))
	}
}

func (t *table) object(values []any) error {
	separator := byte('{')
	for i, value := range values {
		if isEmpty(value) {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		t.to.WriteByte(separator)
		t.to.WriteString(strconv.Quote(t.columns[i]))
		t.to.WriteByte(':')
		t.to.Write(text)
		separator = ','
	}
	_, err := t.to.WriteString("}\n") // the writer remembers the first error
	return err
}

// isEmpty reports whether a value says nothing. 0 and false do.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case string:
		return v == ""
	case time.Time:
		return v.IsZero()
	case json.RawMessage:
		return v == nil
	}
	return false
}

func (t *table) close() error {
	if t.csv != nil {
		t.csv.Flush()
		if err := t.csv.Error(); err != nil {
			t.file.Close()
			return err
		}
	}
	if err := t.to.Flush(); err != nil {
		t.file.Close()
		return err
	}
	return t.file.Close()
}
