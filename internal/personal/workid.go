package personal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"stempel/internal/loyalty"
)

// WorkID is how a company knows somebody: by a work e-mail address, or a staff number,
// in its one spelling.
type WorkID struct {
	Kind   Kind // Email, or ExternalID for a number
	Value  string
	Domain string // of an address
}

// ParseWorkID reads an address where there is an @, and a staff number elsewhere, of
// which capital and small letters are the same. A spreadsheet's formula is none. Errors:
// a *loyalty.FieldError of email or external_id.
func ParseWorkID(text string) (WorkID, error) {
	if strings.Contains(text, "@") {
		address, err := ParseEmail(text)
		_, domain, _ := strings.Cut(address, "@")
		return WorkID{Email, address, domain}, err
	}
	number, err := ParseExternalID(text)
	if err == nil && strings.ContainsAny(number[:1], "=+@-") {
		err = wrong(string(ExternalID), "must not begin like a formula")
	}
	return WorkID{Kind: ExternalID, Value: strings.ToUpper(number)}, err
}

// Person is the id of whoever reads mail to an address: many servers deliver what is sent
// to anna+1@ and anna+2@ to anna@, so that one person has any number of addresses.
func (id WorkID) Person() WorkID {
	local, domain, _ := strings.Cut(id.Value, "@")
	if name, _, tagged := strings.Cut(local, "+"); id.Kind == Email && tagged && name != "" {
		id.Value = name + "@" + domain
	}
	return id
}

// ParseDomain reads the domain of work addresses, as ParseEmail has it. Errors: a
// *loyalty.FieldError of domains.
func ParseDomain(text string) (string, error) {
	address, err := ParseEmail("somebody@" + strings.TrimSpace(text))
	if _, domain, _ := strings.Cut(address, "@"); err == nil {
		return domain, nil
	}
	return "", wrong("domains", "has one that is no domain of e-mail addresses, as in example.com")
}

// Lists hashes what stands on the roster of one agreement, with a key of its own: two
// companies' rosters cannot be compared, nor can one be read back.
type Lists struct{ key []byte }

const listKeySize = 32

// NewRosterKey makes and seals the key of an agreement.
func (b *Box) NewRosterKey(a *loyalty.Agreement, now time.Time) {
	key := make([]byte, listKeySize)
	rand.Read(key)
	a.RosterKey = b.Seal(rosterPlace(a), key, now)
}

// Lists opens an agreement's key. Errors: seal.ErrKeyGone, seal.ErrForeign.
func (b *Box) Lists(a *loyalty.Agreement) (Lists, error) {
	key, err := b.Open(rosterPlace(a), a.RosterKey)
	return Lists{key}, err
}

// ResealAgreement is ResealMember for the key of a roster.
func (b *Box) ResealAgreement(a *loyalty.Agreement, now time.Time) (bool, error) {
	if b.personal.Fresh(a.RosterKey, now) {
		return false, nil
	}
	key, err := b.Open(rosterPlace(a), a.RosterKey)
	if err != nil {
		return false, err
	}
	a.RosterKey = b.Seal(rosterPlace(a), key, now)
	return true, nil
}

func rosterPlace(a *loyalty.Agreement) Place { return Place{a.Merchant, a.ID, RosterColumn} }

// Hash is what is kept of a WorkID.
func (l Lists) Hash(id WorkID) loyalty.Hash {
	h := hmac.New(sha256.New, l.key)
	h.Write([]byte("stempel roster 1"))
	h.Write([]byte{byte(len(id.Kind))})
	h.Write([]byte(id.Kind))
	h.Write([]byte(id.Value))
	return loyalty.Hash(h.Sum(nil))
}
