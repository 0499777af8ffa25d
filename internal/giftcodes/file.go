package giftcodes

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a file.
const (
	MaxFile = 10 << 20 // bytes
	MaxRows = 200_000
	MaxText = 200 // characters of a code
)

// Row is one code of a file.
type Row struct {
	Line    int // in the file, from 1
	Text    string
	Expires time.Time // UTC; zero: never
}

// Repeat is a line whose code stands further up already.
type Repeat struct{ Line, First int }

// Flaw is why a file was not taken: none of it is.
type Flaw struct {
	Line, Column int // from 1; 0: the file as a whole, or the line
	Problem      string
}

func (f *Flaw) Error() string {
	switch {
	case f.Line == 0:
		return "The file " + f.Problem + "."
	case f.Column == 0:
		return fmt.Sprintf("Line %d %s.", f.Line, f.Problem)
	}
	return fmt.Sprintf("Line %d, column %d %s.", f.Line, f.Column, f.Problem)
}

// Read reads a file as spreadsheets and shops write them: a code a line, with the day
// or moment until when it is good in a second column, or not. A first line may name
// the columns, code and expires; cells are parted by semicolons, commas or tabs, and
// may be quoted (RFC 4180). A code that stands there twice is taken once.
//
// Errors: a *Flaw.
func Read(file []byte, now time.Time) ([]Row, []Repeat, error) {
	switch {
	case len(file) > MaxFile:
		return nil, nil, &Flaw{Problem: "is larger than 10 MB: split it"}
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}) || bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		return nil, nil, &Flaw{Problem: "is UTF-16: save it as CSV in UTF-8"}
	}
	r := reader{now: now, separator: separatorOf(file), code: 0, expires: 1, seen: map[string]int{}}
	for text := range bytes.Lines(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))) {
		r.line++
		if err := r.read(bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))); err != nil {
			return nil, nil, err
		}
	}
	if len(r.rows) == 0 {
		return nil, nil, &Flaw{Problem: "has no code in it"}
	}
	return r.rows, r.repeats, nil
}

// separatorOf is the first of the separators that stands outside of quotes.
func separatorOf(file []byte) byte {
	quoted := false
	for _, b := range file {
		switch b {
		case '"':
			quoted = !quoted
		case '\n':
			quoted = false // no cell goes over lines
		case ';', ',', '\t':
			if !quoted {
				return b
			}
		}
	}
	return ','
}

type reader struct {
	now           time.Time
	separator     byte
	code, expires int // columns, from 0
	begun         bool
	line          int
	rows          []Row
	repeats       []Repeat
	seen          map[string]int // the line of each code
}

func (r *reader) read(text []byte) error {
	if !utf8.Valid(text) {
		return r.flaw(0, "is not UTF-8: save the file as CSV in UTF-8")
	}
	cells, err := r.cells(string(text))
	if err != nil || isBlank(cells) {
		return err
	}
	if !r.begun {
		r.begun = true
		if named, err := r.header(cells); named || err != nil {
			return err
		}
	}
	if len(cells) > 2 && !isBlank(cells[2:]) {
		return r.flaw(3, "is one too many: a line has a code and until when it is good")
	}
	row := Row{Line: r.line}
	if row.Text, err = r.text(cells); err != nil {
		return err
	}
	if row.Expires, err = r.end(cells); err != nil {
		return err
	}
	if first, again := r.seen[row.Text]; again {
		r.repeats = append(r.repeats, Repeat{r.line, first})
		return nil
	}
	if len(r.rows) == MaxRows {
		return &Flaw{Problem: fmt.Sprintf("has more than %d codes: split it", MaxRows)}
	}
	r.seen[row.Text] = r.line
	r.rows = append(r.rows, row)
	return nil
}

func isBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return cell != "" })
}

// cells parts a line, and trims what is not quoted.
func (r *reader) cells(line string) (cells []string, err error) {
	for {
		rest := strings.TrimLeft(line, " ")
		cell, more := "", false
		if strings.HasPrefix(rest, `"`) {
			var closed bool
			if cell, rest, closed = quoted(rest[1:]); !closed {
				return nil, r.flaw(len(cells)+1, "begins with a quote that is not closed on its line")
			}
			rest = strings.TrimLeft(rest, " ")
			if rest != "" && rest[0] != r.separator {
				return nil, r.flaw(len(cells)+1, "goes on behind its closing quote")
			}
			if more = rest != ""; more {
				rest = rest[1:]
			}
		} else {
			cell, rest, more = strings.Cut(rest, string(r.separator))
			cell = strings.TrimSpace(cell)
		}
		cells = append(cells, cell)
		if !more {
			return cells, nil
		}
		line = rest
	}
}

// quoted reads up to the closing quote; two of them stand for one.
func quoted(text string) (cell, rest string, closed bool) {
	var b strings.Builder
	for {
		part, behind, found := strings.Cut(text, `"`)
		b.WriteString(part)
		switch {
		case !found:
			return "", "", false
		case strings.HasPrefix(behind, `"`):
			b.WriteByte('"')
			text = behind[1:]
		default:
			return b.String(), behind, true
		}
	}
}

// Names of the columns, as a first line may have them.
var (
	codeNames = []string{"code", "codes", "kod", "cod", "coupon", "voucher"}
	endNames  = []string{"expires", "expires_at", "expiry", "valid_until", "valid until"}
)

// header reports whether a first line names the columns, and notes where they are.
func (r *reader) header(cells []string) (named bool, err error) {
	if !slices.ContainsFunc(cells, func(cell string) bool { return slices.Contains(codeNames, strings.ToLower(cell)) }) {
		return false, nil
	}
	r.code, r.expires = -1, -1
	for i, cell := range cells {
		switch name := strings.ToLower(cell); {
		case r.code < 0 && slices.Contains(codeNames, name):
			r.code = i
		case r.expires < 0 && slices.Contains(endNames, name):
			r.expires = i
		case name != "":
			return true, r.flaw(i+1, "names a column that is neither code nor expires, or is there twice")
		}
	}
	return true, nil
}

// text is the code of a line.
func (r *reader) text(cells []string) (string, error) {
	text, problem := "", ""
	if r.code < len(cells) {
		text = cells[r.code]
	}
	switch {
	case text == "":
		problem = "has no code"
	case strings.ContainsRune("=+-@", rune(text[0])):
		problem = fmt.Sprintf("begins with %c: a spreadsheet would run it as a formula", text[0])
	case utf8.RuneCountInString(text) > MaxText:
		problem = fmt.Sprintf("has more than %d characters", MaxText)
	case strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }):
		problem = "has a character that cannot be seen, such as a tab"
	case strings.TrimSpace(text) != text:
		problem = "begins or ends with a space within its quotes"
	default:
		return text, nil
	}
	return "", r.flaw(r.code+1, problem)
}

// end is until when the code of a line is good. A day is good to its end, in UTC.
func (r *reader) end(cells []string) (time.Time, error) {
	if r.expires < 0 || r.expires >= len(cells) || cells[r.expires] == "" {
		return time.Time{}, nil
	}
	text := cells[r.expires]
	end, err := time.Parse(time.DateOnly, text)
	if err == nil {
		end = end.AddDate(0, 0, 1)
	} else if end, err = time.Parse(time.RFC3339, text); err != nil {
		return time.Time{}, r.flaw(r.expires+1, "is neither a day, as in 2027-12-31, nor a moment, as in 2027-12-31T18:00:00+01:00")
	}
	if end = end.UTC().Truncate(time.Microsecond); !end.After(r.now) {
		return time.Time{}, r.flaw(r.expires+1, "is over: the code could never be handed out")
	}
	return end, nil
}

func (r *reader) flaw(column int, problem string) error { return &Flaw{r.line, column, problem} }
