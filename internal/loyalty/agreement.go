package loyalty

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Agreement says whose people may have what is for partners, or who the merchant's
// own people are. Somebody belongs to it who is on its roster, or has shown that an
// address of one of its domains is theirs, or whom the office has assigned.
type Agreement struct {
	ID       AgreementID
	Merchant MerchantID
	Kind     AgreementKind
	Name     string    // of the company
	Starts   time.Time // zero: ever since
	Ends     time.Time // from then on it holds no more; zero: for good
	Domains  []string  // of e-mail addresses: example.com
	Created  time.Time
	Changed  time.Time

	RosterKey []byte    // sealed: what its roster's lines are hashed with
	Listed    int64     // lines of the roster; 0: there is none
	ListedAt  time.Time // when that came; zero: never
	People    int64     // members who belong to it
}

// AgreementKind is with whom it is.
type AgreementKind string

// The kinds of agreements.
const (
	WithCompany AgreementKind = "partner" // its people are partners
	OwnStaff    AgreementKind = "own"     // its people are employees
)

// Audience is what people of the agreement are.
func (k AgreementKind) Audience() Audience {
	if k == OwnStaff {
		return Employee
	}
	return PartnerStaff
}

// Bounds of agreements.
const (
	MaxDomains    = 20
	MaxRosterSize = 100_000 // lines
)

// Check reports the first field that cannot be, as a *FieldError. Whether domains are
// any is for whoever reads them.
func (a *Agreement) Check() error {
	bad := func(field, format string, args ...any) error {
		return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case a.Name == "" || !isLine(a.Name):
		return bad("name", "must be one line of 1 to %d bytes", MaxNameLength)
	case a.Kind != WithCompany && a.Kind != OwnStaff:
		return bad("kind", "must be partner or own")
	case !a.Ends.IsZero() && !a.Starts.Before(a.Ends):
		return bad("ends_at", "must come after starts_at")
	case len(a.Domains) > MaxDomains:
		return bad("domains", "are more than %d", MaxDomains)
	}
	return nil
}

// Holds reports whether the agreement is in force at a moment.
func (a *Agreement) Holds(now time.Time) bool {
	return !now.Before(a.Starts) && (a.Ends.IsZero() || now.Before(a.Ends))
}

// Has reports whether a domain is one of the agreement's. Those below it are not.
func (a *Agreement) Has(domain string) bool { return slices.Contains(a.Domains, domain) }

// Affiliation is what makes a member somebody else than a customer. A member has at
// most one.
type Affiliation struct {
	Member    MemberID
	Audience  Audience
	Agreement AgreementID // zero: the office has said so, and it stays
	Who       Hash        // of the address or number that is on the roster or was confirmed; zero: the office has assigned
	Domain    string      // of an address that was confirmed and need not be on the roster; empty otherwise
	Since     time.Time

	// Alone is of a member who was made by joining with Who and of whom nothing else is
	// known: whoever reads mail to that address may have its cards.
	Alone bool
}

// ErrKnownOtherwise is of an address that is confirmed for somebody of whom more is known
// than that they read mail to it: it alone shows nothing of them.
var ErrKnownOtherwise = errors.New("this address is confirmed for a member who did not join by it alone")

// Lasts reports whether it goes on under an agreement with other domains and another
// roster: what the office has assigned does, whatever they say.
func (f *Affiliation) Lasts(a *Agreement, onRoster func(Hash) bool) bool {
	return f.Who == (Hash{}) || f.Domain != "" && a.Has(f.Domain) || onRoster(f.Who)
}
