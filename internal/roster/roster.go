// Package roster reads the lists that companies send of their people: CSV files as
// spreadsheets write them. It must never know what becomes of a list, nor keep one.
package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// Bounds of a list.
const (
	MaxBytes = 4 << 20
	maxTold  = 10  // lines that an error names
	maxLine  = 300 // characters of the cell that counts
)

// Bad are lines that cannot be, by their numbers from 1.
type Bad struct {
	Lines []BadLine // the first ones
	More  int       // others
}

// BadLine is one of them.
type BadLine struct {
	Number  int
	Problem string
}

func (b *Bad) Error() string {
	parts := make([]string, len(b.Lines))
	for i, l := range b.Lines {
		parts[i] = fmt.Sprintf("line %d %s", l.Number, l.Problem)
	}
	text := strings.Join(parts, "; ")
	if b.More > 0 {
		text += fmt.Sprintf("; and %d more", b.More)
	}
	return text
}

func (b *Bad) add(number int, problem string) {
	if len(b.Lines) == maxTold {
		b.More++
		return
	}
	b.Lines = append(b.Lines, BadLine{number, problem})
}

// Read is who stands on a list, in the order of lines, repetitions included: the first
// column of each line, or the one that a first line calls email, in which all must be
// addresses, or staff_number. Cells
// are parted by commas, semicolons or tabs, whichever the first line has. Empty lines
// are passed over.
// Errors: a *Bad; nothing is read of a list with a bad line.
func Read(text []byte) ([]personal.WorkID, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // as Excel marks UTF-8
	if !utf8.Valid(text) {
		return nil, &Bad{Lines: []BadLine{{1 + bytes.Count(upToBad(text), []byte("\n")), "is not UTF-8: save the file as CSV UTF-8"}}}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma(text)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.ReuseRecord = true
	var who []personal.WorkID
	var bad Bad
	column, addresses := -1, false
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		number, _ := r.FieldPos(0)
		if err != nil {
			bad.add(max(1, line(err)), "cannot be read as CSV")
			break
		}
		if column < 0 {
			var header bool
			if column, addresses, header = find(cells); header {
				continue
			}
		}
		switch id, problem := read(cells, column); {
		case problem == "" && addresses && id.Kind == personal.ExternalID: // a typing error, which would be nobody's number
			bad.add(number, "is no e-mail address, which this column is of")
		case problem != "":
			bad.add(number, problem)
		case id == personal.WorkID{}:
		case len(who) == loyalty.MaxRosterSize:
			bad.add(number, fmt.Sprintf("is beyond the %d that a roster may have", loyalty.MaxRosterSize))
			return nil, &bad
		default:
			who = append(who, id)
		}
	}
	switch {
	case len(bad.Lines) > 0:
		return nil, &bad
	case len(who) == 0:
		return nil, &Bad{Lines: []BadLine{{1, "names nobody, nor does any other"}}}
	}
	return who, nil
}

// read is whom a line names; nobody where it is empty.
func read(cells []string, column int) (id personal.WorkID, problem string) {
	cell := ""
	if column < len(cells) {
		cell = strings.TrimSpace(cells[column])
	}
	switch {
	case cell == "" && strings.TrimSpace(strings.Join(cells, "")) == "":
		return id, ""
	case cell == "":
		return id, "has nothing in its column " + fmt.Sprint(column+1)
	case utf8.RuneCountInString(cell) > maxLine:
		return id, "is too long"
	}
	id, err := personal.ParseWorkID(cell)
	if err != nil {
		return id, "is neither an e-mail address nor a staff number"
	}
	return id, ""
}

// find is the column that counts, whether it is one of addresses alone, and whether the
// line is one of headings.
func find(cells []string) (column int, addresses, header bool) {
	for i, cell := range cells {
		switch strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.TrimSpace(cell))) {
		case "email", "emailaddress", "mail":
			return i, true, true
		case "staffnumber", "employeenumber":
			return i, false, true
		}
	}
	return 0, false, false
}

// comma is what parts the cells of the first line; of one without any, a comma.
func comma(text []byte) rune {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	for _, c := range ";\t" {
		if bytes.ContainsRune(first, c) {
			return c
		}
	}
	return ','
}

func line(err error) int {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return wrong.Line
	}
	return 0
}

func upToBad(text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return text[:i]
		}
		i += size
	}
	return text
}
