package loyalty

import "time"

// Audience is what somebody is to a merchant.
type Audience string

// The audiences. Whoever is nothing else is a customer, and so is a card that is
// nobody's.
const (
	Customer     Audience = "customer"
	Employee     Audience = "employee" // of the merchant
	PartnerStaff Audience = "partner"  // of a company that has an agreement with the merchant
)

// Known reports whether it is one of them.
func (a Audience) Known() bool { return a == Customer || a == Employee || a == PartnerStaff }

// Belonging is what rules may ask about a card's holder, as it stands beside the card.
// It says nothing of who that is.
type Belonging struct {
	Labels    Labels
	Audience  Audience    // empty: Customer
	Agreement AgreementID // by which it is; zero: the office has said so
	From      time.Time   // from when on the agreement holds; zero: ever since
	Until     time.Time   // until when; zero: for good

	granted bool // of a replay: what is decided was granted then, whoever it is for
}

// AudienceAt is what the holder is at a moment: of an agreement that does not hold
// then, nothing is left.
func (b *Belonging) AudienceAt(now time.Time) Audience {
	if b.Audience == "" || !b.holds(now) {
		return Customer
	}
	return b.Audience
}

// Turns is when the holder becomes somebody else although nobody does anything: as the
// agreement begins or ends. Zero: never.
func (b *Belonging) Turns(now time.Time) time.Time {
	switch {
	case b.Audience == "":
	case now.Before(b.From):
		return b.From
	case now.Before(b.Until):
		return b.Until
	}
	return time.Time{}
}

func (b *Belonging) holds(now time.Time) bool {
	return !now.Before(b.From) && (b.Until.IsZero() || now.Before(b.Until))
}

// under reports whether the holder belongs to an agreement that holds at a moment.
func (b *Belonging) under(a AgreementID, now time.Time) bool {
	return b.Agreement == a && !a.IsZero() && b.holds(now)
}
