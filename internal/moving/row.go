package moving

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stempel/internal/loyalty"
)

// Columns that a file may have. Ref is needed.
const (
	colRef     = "ref"
	colBalance = "balance"
	colSince   = "since"
)

var columns = []string{colRef, colBalance, colSince}

// Row is one line's card.
type Row struct {
	Ref     string    // what the other system calls the card
	Balance int64     // units to begin with
	Since   time.Time // when it was opened there; zero where nothing is said
}

// maxRef bounds a ref, in characters.
const maxRef = 100

// header says in which field each column stands.
type header map[string]int

// parseHeader reads a file's first record. Errors: a *loyalty.FieldError.
func parseHeader(fields []string) (header, error) {
	h := header{}
	for i, name := range fields {
		name = strings.ToLower(name)
		switch _, twice := h[name]; {
		case !slices.Contains(columns, name):
			return nil, wrong(shown(name), "is not a column: there are "+strings.Join(columns, ", "))
		case twice:
			return nil, wrong(name, "is the name of two columns")
		}
		h[name] = i
	}
	if _, ok := h[colRef]; !ok {
		return nil, wrong(colRef, "is missing: the column that names each card, such as its number in the other system")
	}
	return h, nil
}

// parse reads a record. Errors: a *loyalty.FieldError.
func (h header) parse(fields []string) (row Row, err error) {
	if len(fields) != len(h) {
		return row, wrong("line", fmt.Sprintf("has %d fields instead of %d", len(fields), len(h)))
	}
	if row.Ref, err = ref(fields[h[colRef]]); err != nil {
		return row, err
	}
	if at, ok := h[colBalance]; ok {
		if row.Balance, err = balance(fields[at]); err != nil {
			return row, err
		}
	}
	if at, ok := h[colSince]; ok {
		row.Since, err = since(fields[at])
	}
	return row, err
}

func ref(text string) (string, error) {
	switch {
	case text == "":
		return "", wrong(colRef, "is empty")
	case utf8.RuneCountInString(text) > maxRef:
		return "", wrong(colRef, fmt.Sprintf("is longer than %d characters", maxRef))
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", wrong(colRef, "has a character in it that cannot be printed")
	case strings.ContainsRune("=+-@", rune(text[0])):
		return "", wrong(colRef, "looks like a spreadsheet's formula")
	case isRounded(text):
		return "", wrong(colRef, "was rounded by a spreadsheet: format the column as text before saving")
	}
	return text, nil
}

// isRounded reports whether a spreadsheet has made 4.00638E+12 of a long number.
func isRounded(text string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(text), "E+")
	return ok && digits(strings.NewReplacer(".", "", ",", "").Replace(mantissa)) && digits(exponent)
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// balance reads whole units; nothing at all is none.
func balance(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || !digits(text):
		return 0, wrong(colBalance, "must be a whole number, 0 or more, without separators")
	case n > loyalty.MaxUnits:
		return 0, wrong(colBalance, "is more than a card can hold")
	}
	return n, nil
}

// since reads a day, or a time in UTC.
func since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			if at.Year() < 1971 {
				break
			}
			return at.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, wrong(colSince, "must be a day such as 2024-05-31, or a time such as 2024-05-31T12:00:00Z")
}

func wrong(field, problem string) error { return &loyalty.FieldError{Field: field, Problem: problem} }

// shown is what of somebody's text comes back in a message.
func shown(text string) string {
	const most = 40
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
