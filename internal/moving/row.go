package moving

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stempel/internal/loyalty"
	"stempel/internal/personal"
)

// Cells are what stands in one line, as text. Empty ones say nothing.
type Cells struct {
	Ref, Balance, Since                           string
	Name, Phone, Email, ExternalID, Language      string
	Consent, ConsentedAt, Wording, WordingVersion string
}

// Columns that a file may have.
const (
	colRef            = "ref"
	colBalance        = "balance"
	colSince          = "since"
	colName           = "name"
	colPhone          = "phone"
	colEmail          = "email"
	colExternalID     = "external_id"
	colLanguage       = "language"
	colConsent        = "consent"
	colConsentedAt    = "consented_at"
	colWording        = "wording"
	colWordingVersion = "wording_version"
)

var columns = []string{
	colRef, colBalance, colSince, colName, colPhone, colEmail, colExternalID, colLanguage,
	colConsent, colConsentedAt, colWording, colWordingVersion,
}

// contactColumns are those that say who a member is.
var contactColumns = []string{colPhone, colEmail, colExternalID}

// at is where a column's text goes.
func (c *Cells) at(column string) *string {
	switch column {
	case colRef:
		return &c.Ref
	case colBalance:
		return &c.Balance
	case colSince:
		return &c.Since
	case colName:
		return &c.Name
	case colPhone:
		return &c.Phone
	case colEmail:
		return &c.Email
	case colExternalID:
		return &c.ExternalID
	case colLanguage:
		return &c.Language
	case colConsent:
		return &c.Consent
	case colConsentedAt:
		return &c.ConsentedAt
	case colWording:
		return &c.Wording
	default:
		return &c.WordingVersion
	}
}

// All are the columns with what stands in them.
func (c *Cells) All() iter.Seq2[string, string] {
	return func(yield func(column, text string) bool) {
		for _, column := range columns {
			if !yield(column, *c.at(column)) {
				return
			}
		}
	}
}

// Row is one line's card, or member, or both.
type Row struct {
	Ref     string    // what the other system calls the card; empty: a member alone
	Balance int64     // units to begin with
	Since   time.Time // when it was opened there; zero where nothing is said
	Profile personal.Profile
	Consent Consent
}

// Consent is what a member had allowed in the other system; nothing without a
// purpose.
type Consent struct {
	Purpose string
	At      time.Time
	Shown   personal.Shown
}

// ofMember reports whether the row says whose the card is.
func (r *Row) ofMember() bool { return len(r.Profile.Contacts()) > 0 }

// maxRef bounds a ref, in characters.
const maxRef = 100

// header says which column each field is of.
type header []string

// parseHeader reads a file's first record. Errors: a *loyalty.FieldError.
func parseHeader(fields []string) (header, error) {
	h := make(header, len(fields))
	for i, name := range fields {
		name = strings.ToLower(name)
		switch {
		case !slices.Contains(columns, name):
			return nil, wrong(shown(name), "is not a column: there are "+strings.Join(columns, ", "))
		case slices.Contains(h[:i], name):
			return nil, wrong(name, "is the name of two columns")
		}
		h[i] = name
	}
	if !slices.Contains(h, colRef) && !slices.ContainsFunc(contactColumns, h.has) {
		return nil, wrong(colRef, "is missing: the column that names each card, such as its number in the other system; or, for members without cards, phone, email or external_id")
	}
	return h, nil
}

func (h header) has(column string) bool { return slices.Contains(h, column) }

// cells takes a record apart. Errors: a *loyalty.FieldError.
func (h header) cells(fields []string) (c Cells, err error) {
	if len(fields) != len(h) {
		return c, wrong("line", fmt.Sprintf("has %d fields instead of %d", len(fields), len(h)))
	}
	for i, column := range h {
		*c.at(column) = fields[i]
	}
	if c.Ref == "" && h.has(colRef) {
		return c, wrong(colRef, "is empty")
	}
	return c, nil
}

// parse reads what stands in a line. National telephone numbers are those of
// region. Errors: a *loyalty.FieldError.
func (c *Cells) parse(region string, now time.Time) (row Row, err error) {
	if row.Ref, err = ref(c.Ref); err != nil {
		return Row{}, err
	}
	if row.Balance, err = balance(c.Balance); err != nil {
		return row, err
	}
	if row.Since, err = moment(colSince, c.Since); err != nil {
		return row, err
	}
	if row.Since.After(now.Add(earliest)) {
		return row, wrong(colSince, "lies in the future")
	}
	if row.Profile, err = c.profile(region); err != nil {
		return row, err
	}
	if row.Consent, err = c.consent(now); err != nil {
		return row, err
	}
	return row, row.check()
}

// check holds that what belongs together is there. Errors: a *loyalty.FieldError.
func (r *Row) check() error {
	switch {
	case r.Ref == "" && !r.ofMember():
		return wrong(colRef, "is missing, and so is whatever a member is found by: phone, email or external_id")
	case r.Ref == "" && (r.Balance > 0 || !r.Since.IsZero()):
		return wrong(colRef, "is missing: a balance or since is a card's")
	case r.ofMember():
		return nil
	case r.Profile.Name != "":
		return wrong(colName, "is somebody's who cannot be found again: phone, email or external_id is needed")
	case r.Profile.Language != "":
		return wrong(colLanguage, "is somebody's who cannot be found again: phone, email or external_id is needed")
	case r.Consent.Purpose != "":
		return wrong(colConsent, "is nobody's: phone, email or external_id is needed")
	}
	return nil
}

func ref(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	switch {
	case utf8.RuneCountInString(text) > maxRef:
		return "", wrong(colRef, fmt.Sprintf("is longer than %d characters", maxRef))
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", wrong(colRef, "has a character in it that cannot be printed")
	}
	return text, spoiled(colRef, text)
}

// spoiled refuses what a spreadsheet would take for a formula, and numbers that it
// has rounded. Errors: a *loyalty.FieldError.
func spoiled(column, text string) error {
	switch {
	case text != "" && strings.ContainsRune(formula, rune(text[0])):
		return wrong(column, "looks like a spreadsheet's formula")
	case isRounded(text):
		return wrong(column, "was rounded by a spreadsheet: format the column as text before saving")
	}
	return nil
}

// formula is what a formula may begin with (OWASP, CSV Injection).
const formula = "=+-@"

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

// earliest is how long before UTC a day begins where it begins first: today there
// is no day in the future.
const earliest = 14 * time.Hour

// moment reads a day, or a time in UTC.
func moment(column, text string) (time.Time, error) {
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
	return time.Time{}, wrong(column, "must be a day such as 2024-05-31, or a time such as 2024-05-31T12:00:00Z")
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
