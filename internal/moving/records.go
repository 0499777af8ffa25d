package moving

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxRecord bounds a record, in bytes. A quote that is never closed would
// otherwise swallow the rest of the file.
const maxRecord = 64 << 10

// maxFields bounds the columns of a file.
const maxFields = 100

// records reads a CSV file (RFC 4180) record by record. A damaged record spoils
// itself only: reading goes on with the next line.
type records struct {
	from      *bufio.Reader
	separator byte
	line      int // of the last line that was read, counted from 1
}

// record is one record, or what is wrong with it.
type record struct {
	line   int // where it begins
	fields []string
	torn   bool // the file ends in it, without an end of line
	err    error
}

// Errors of a whole file.
var (
	errUTF16 = errors.New("the file is UTF-16: save it as CSV UTF-8")
	errEmpty = errors.New("the file is empty: its first line must name the columns")
)

func newRecords(from io.Reader) (*records, error) {
	r := &records{from: bufio.NewReaderSize(from, 1<<16)}
	start, err := r.from.Peek(3)
	switch {
	case len(start) == 0 && err != nil:
		if errors.Is(err, io.EOF) {
			err = errEmpty
		}
		return nil, err
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, errUTF16
	case bytes.Equal(start, []byte("\xef\xbb\xbf")): // which spreadsheets put before UTF-8
		_, _ = r.from.Discard(3)
	}
	return r, nil
}

// next returns io.EOF as its error behind the last record, and other errors of
// reading; what is wrong with the record itself stands in it. Empty lines are no
// records.
func (r *records) next() (record, error) {
	for {
		text, err := r.physical()
		if err != nil {
			return record{}, err
		}
		if len(bytes.TrimRight(text, "\r\n")) == 0 {
			continue
		}
		return r.record(text)
	}
}

// record takes a line, and those after it that its quotes enclose.
func (r *records) record(text []byte) (record, error) {
	one := record{line: r.line}
	for bytes.Count(text, []byte{'"'})%2 == 1 {
		more, err := r.physical()
		if errors.Is(err, io.EOF) {
			one.err, one.torn = errors.New("a quote is opened and never closed"), true
			return one, nil
		}
		if err != nil {
			return one, err
		}
		if len(text)+len(more) > maxRecord {
			one.err = fmt.Errorf("a quote is opened and not closed within %d bytes", maxRecord)
			return one, nil
		}
		text = append(text, more...)
	}
	one.torn = text[len(text)-1] != '\n'
	switch {
	case len(text) > maxRecord:
		one.err = fmt.Errorf("the line is longer than %d bytes", maxRecord)
	case !utf8.Valid(text):
		one.err = errors.New("the text is not UTF-8: save the file as CSV UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		one.err = errors.New("there is a zero byte in it: this is not a text file")
	default:
		one.fields, one.err = r.split(text)
	}
	return one, nil
}

func (r *records) split(text []byte) ([]string, error) {
	if r.separator == 0 {
		r.separator = separatorOf(text)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = rune(r.separator), -1
	fields, err := reader.Read()
	var wrong *csv.ParseError
	switch {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("character %d: quotes are not where they belong", wrong.Column)
	case err != nil:
		return nil, err
	case len(fields) > maxFields:
		return nil, fmt.Errorf("there are more than %d fields", maxFields)
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields, nil
}

// separatorOf finds out from the first line what stands between fields: a
// spreadsheet in a country of decimal commas writes semicolons.
func separatorOf(header []byte) byte {
	best, most := byte(','), 0
	for _, separator := range []byte{',', ';', '\t'} {
		if n := bytes.Count(header, []byte{separator}); n > most {
			best, most = separator, n
		}
	}
	return best
}

// physical reads one line with its end. Of a line that is far too long it keeps
// only as much as shows that.
func (r *records) physical() ([]byte, error) {
	var text []byte
	for {
		part, err := r.from.ReadSlice('\n')
		if len(text) <= maxRecord {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) > 0, err == nil:
			r.line++
			return text, nil
		default:
			return nil, err
		}
	}
}
