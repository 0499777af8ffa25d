package moving

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"stempel/internal/personal"
)

// profile reads whose the card is. Errors: a *loyalty.FieldError.
func (c *Cells) profile(region string) (p personal.Profile, err error) {
	set := func(into *string, column, text string, parse func(string) (string, error)) {
		if text == "" || err != nil {
			return
		}
		if err = spoiled(column, text); err == nil {
			*into, err = parse(text)
		}
	}
	set(&p.Name, colName, c.Name, personal.ParseName)
	if err == nil {
		p.Phone, err = phone(c.Phone, region)
	}
	set(&p.Email, colEmail, c.Email, personal.ParseEmail)
	set(&p.ExternalID, colExternalID, c.ExternalID, personal.ParseExternalID)
	set(&p.Language, colLanguage, c.Language, personal.ParseLanguage)
	return p, err
}

// phone alone may begin with +. Before that may stand the apostrophe with which
// spreadsheets, and our own export, keep it from being a formula.
func phone(text, region string) (string, error) {
	text = strings.TrimPrefix(text, "'")
	if text == "" {
		return "", nil
	}
	if err := spoiled(colPhone, strings.TrimPrefix(text, "+")); err != nil {
		return "", err
	}
	return personal.ParsePhone(text, region)
}

// purposeForm is what the API takes for a purpose.
var purposeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)

// Limits of a wording, in characters: the API's.
const (
	maxWording        = 4000
	maxWordingVersion = 40
)

// source is where a consent that moved in is said to come from.
const source = "moved in"

// consent reads what the member has allowed, and when: without the time it would
// prove nothing. Errors: a *loyalty.FieldError.
func (c *Cells) consent(now time.Time) (given Consent, err error) {
	given = Consent{Purpose: c.Consent, Shown: personal.Shown{Wording: c.Wording, Version: c.WordingVersion, Source: source}}
	if given.At, err = moment(colConsentedAt, c.ConsentedAt); err != nil {
		return given, err
	}
	switch {
	case given.Purpose == "" && c.ConsentedAt+c.Wording+c.WordingVersion == "":
		return Consent{}, nil
	case given.Purpose == "":
		return given, wrong(colConsent, "is missing: what was consented to, such as marketing_email")
	case !purposeForm.MatchString(given.Purpose):
		return given, wrong(colConsent, "must be 3 to 40 lower-case letters, digits and _, a letter first")
	case c.ConsentedAt == "":
		return given, wrong(colConsentedAt, "is missing: when the consent was given")
	case given.At.After(now):
		return given, wrong(colConsentedAt, "lies in the future")
	case utf8.RuneCountInString(c.Wording) > maxWording:
		return given, wrong(colWording, "is longer than 4000 characters")
	case utf8.RuneCountInString(c.WordingVersion) > maxWordingVersion:
		return given, wrong(colWordingVersion, "is longer than 40 characters")
	}
	if err = spoiled(colWording, c.Wording); err == nil {
		err = spoiled(colWordingVersion, c.WordingVersion)
	}
	return given, err
}
