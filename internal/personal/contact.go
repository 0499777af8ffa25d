package personal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"

	"stempel/internal/loyalty"
)

// Kind is by what a member can be found. It is the name of the field, too.
type Kind string

// The kinds of contacts.
const (
	Phone      Kind = "phone"
	Email      Kind = "email"
	ExternalID Kind = "external_id" // the merchant's own name for the member
)

// Contact is one way to find a member, in its one spelling. No two members of a
// merchant have the same.
type Contact struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// Limits of what is taken, in characters unless it says otherwise.
const (
	maxPhone      = 40  // as typed, with spaces and brackets
	maxEmail      = 254 // bytes, RFC 5321 §4.5.3.1.3 less the brackets
	maxLocal      = 64  // bytes, RFC 5321 §4.5.3.1.1
	maxExternalID = 100
)

// ParsePhone reads a telephone number into E.164 (+4915112345678). A national
// one is read as of region (ISO 3166, "DE"); with an empty region it must begin
// with + and the country's code. Errors: a *loyalty.FieldError of phone or region.
func ParsePhone(text, region string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case CheckRegion(region) != nil:
		return "", CheckRegion(region)
	case utf8.RuneCountInString(text) > maxPhone:
		return "", wrong(string(Phone), "is longer than 40 characters")
	case region == "" && !strings.HasPrefix(text, "+"):
		return "", wrong(string(Phone), "must begin with + and the country's code, or come with a region")
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil || number.GetExtension() != "" || !phonenumbers.IsValidNumber(number) {
		return "", wrong(string(Phone), "is not a telephone number that can exist")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// CheckRegion holds that a region, if any, is one that has telephone numbers.
// Errors: a *loyalty.FieldError of region.
func CheckRegion(region string) error {
	if region != "" && !phonenumbers.GetSupportedRegions()[region] {
		return wrong("region", "must be a country's two capital letters, as in DE")
	}
	return nil
}

// domains are read as a browser does (UTS #46), but with the DNS's lengths held.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// ParseEmail reads an e-mail address into lower case, its domain into the form
// of the DNS (xn--…). It does not take everything that RFC 5321 allows: quoted
// and non-ASCII local parts are refused. Errors: a *loyalty.FieldError of email.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxEmail {
		return "", wrong(string(Email), "is longer than 254 characters")
	}
	local, domain, _ := strings.Cut(text, "@")
	if !isLocal(local) {
		return "", errEmail
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") {
		return "", errEmail
	}
	if again, err := domains.ToASCII(ascii); err != nil || again != ascii { // of bytes that were no text
		return "", errEmail
	}
	address := strings.ToLower(local + "@" + ascii)
	if len(address) > maxEmail {
		return "", wrong(string(Email), "is longer than 254 characters")
	}
	return address, nil
}

var errEmail = wrong(string(Email), "is not an e-mail address")

// isLocal reports whether the text is a dot-atom (RFC 5321 §4.1.2).
func isLocal(text string) bool {
	if text == "" || len(text) > maxLocal || text[0] == '.' || text[len(text)-1] == '.' || strings.Contains(text, "..") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+/=?^_`{|}~.-", r)
	})
}

// ParseExternalID trims the merchant's own id of a member, and takes the rest as
// it is. Errors: a *loyalty.FieldError of external_id.
func ParseExternalID(text string) (string, error) {
	return line(string(ExternalID), text, maxExternalID)
}

// line reads a text of one line. Errors: a *loyalty.FieldError.
func line(field, text string, longest int) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", wrong(field, "must not be blank")
	case utf8.RuneCountInString(text) > longest:
		return "", wrong(field, "is too long")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "", wrong(field, "must be text of one line")
	}
	return text, nil
}

func wrong(field, problem string) error {
	return &loyalty.FieldError{Field: field, Problem: problem}
}
