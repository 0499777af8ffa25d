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
	width     int      // fields of a record; 0: any
	broken    int      // the field that may have line breaks; -1: none
	line      int      // of the last line that was read, counted from 1
	again     [][]byte // lines that are read again
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
	r := &records{from: bufio.NewReaderSize(from, 1<<16), broken: -1}
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

// record takes a line, and those after it that a quote encloses. If that goes
// wrong, the quote was one too many or was never closed, and the other lines may
// be sound: only the first is spoiled, and the others are read again. Each is so
// at most once, as whichever of them opens a quote ended the search.
func (r *records) record(text []byte) (record, error) {
	if r.separator == 0 {
		r.separator = separatorOf(text)
	}
	one := record{line: r.line, torn: text[len(text)-1] != '\n'}
	if !r.opens(text) {
		one.fields, one.err = r.split(text)
		return one, nil
	}
	rest, err := r.enclosed(text)
	if err != nil {
		return one, err
	}
	whole := append(text[:len(text):len(text)], bytes.Join(rest, nil)...)
	one.fields, one.err = r.split(whole)
	if one.err == nil {
		one.err = r.misfit(one.fields)
	}
	if one.err != nil {
		one.fields, one.err = nil, fmt.Errorf("a quote is opened and not closed in this line, and with the next lines it makes no sense: %w", one.err)
		r.again, r.line = append(rest, r.again...), one.line
		return one, nil
	}
	one.torn = whole[len(whole)-1] != '\n'
	return one, nil
}

// opens reports whether a line ends inside of a quote. Only the first character
// of a field opens one (RFC 4180 §2.5): an inch mark does not.
func (r *records) opens(text []byte) bool {
	for {
		for len(text) > 0 && text[0] == '"' { // to its end, or to the second of two that mean one
			end := bytes.IndexByte(text[1:], '"')
			if end < 0 {
				return true
			}
			text = text[end+2:]
		}
		next := bytes.IndexByte(text, r.separator)
		if next < 0 {
			return false
		}
		text = text[next+1:]
	}
}

// enclosed reads on until as many quotes are closed as opened, but no further
// than a record can be, or the file is.
func (r *records) enclosed(first []byte) (rest [][]byte, err error) {
	size := len(first)
	for size <= maxRecord {
		more, err := r.physical()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rest, size = append(rest, more), size+len(more)
		if bytes.Count(more, []byte{'"'})%2 == 1 {
			break
		}
	}
	return rest, nil
}

// misfit is what shows that a quote has enclosed lines of others.
func (r *records) misfit(fields []string) error {
	if r.width > 0 && len(fields) != r.width {
		return fmt.Errorf("there are %d fields instead of %d", len(fields), r.width)
	}
	for i, field := range fields {
		if i != r.broken && strings.ContainsRune(field, '\n') {
			return fmt.Errorf("field %d has a line break", i+1)
		}
	}
	return nil
}

// split takes a record's text apart.
func (r *records) split(text []byte) ([]string, error) {
	switch {
	case len(text) > maxRecord:
		return nil, fmt.Errorf("the line is longer than %d bytes", maxRecord)
	case !utf8.Valid(text):
		return nil, errors.New("the text is not UTF-8: save the file as CSV UTF-8")
	case bytes.IndexByte(text, 0) >= 0:
		return nil, errors.New("there is a zero byte in it: this is not a text file")
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
	if len(r.again) > 0 {
		text := r.again[0]
		r.again = r.again[1:]
		r.line++
		return text, nil
	}
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
			if err == nil {
				text[len(text)-1] = '\n' // also of what was kept of a long line
			}
			return text, nil
		default:
			return nil, err
		}
	}
}
