package loyalty

import (
	"crypto/sha256"
	"time"
)

// MovedCardID is the id of a card that comes from another system, where ref names
// it. The same card gets the same id however often it is moved in, so that doing
// so twice, or two at once, is doing it once. The id is a UUIDv8 (RFC 9562 §5.8)
// that sorts before those of all cards opened here.
func MovedCardID(m MerchantID, p ProgramID, ref string) (id CardID) {
	h := sha256.New()
	h.Write([]byte("stempel moved card 1"))
	h.Write(m[:])
	h.Write(p[:])
	h.Write([]byte(ref))
	copy(id[6:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// MoveIn is a card as it arrives from another system: its balance, or what was spent
// there on a discount card, is one opening entry, which may fill a stamp card. There
// is no welcome: the customer had that. since is when the card was opened there, or
// zero.
// Errors: program_ended, program_not_found, units_out_of_range.
func MoveIn(p *Program, c Command, balance int64, since, now time.Time, newID func() [16]byte) (*Decision, error) {
	if err := p.enrols(c.Merchant, now); err != nil {
		return nil, err
	}
	card := NewCard(c.Card, p, now)
	if !since.IsZero() && since.Before(now) {
		card.Created = since
	}
	if balance == 0 {
		return &Decision{Card: card, Program: p}, nil
	}
	c.Do, c.Captured = OpeningBalance{Units: balance}, now
	if p.Kind == Discount {
		c.Do = OpeningBalance{Spend: balance}
	}
	facts := Facts{Cards: map[CardID]*State{c.Card: {Program: p, Card: card}}}
	return Decide(&facts, &c, now, newID)
}

// Opening is the balance that a card of MoveIn begins with.
func (d *Decision) Opening() int64 {
	if len(d.Entries) == 0 {
		return 0
	}
	return d.Entries[0].Units + d.Entries[0].Counted.Spend // it has one of them
}

// MovedConsentID is a fresh id for a consent that was given elsewhere, at a time
// before now. It sorts by that time among all others (a UUIDv8, RFC 9562 §5.8), so
// that what was taken back here since stays taken back.
func MovedConsentID(at time.Time) ConsentID {
	id := ConsentID(NewID())
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x80
	return id
}

// Arriving is what a batch that moves in has to know of the database.
type Arriving struct {
	Cards    []CardID
	Contacts []Hash // indexes of all contacts
	Consents bool   // whether some come along
}

// Known is what there is of it.
type Known struct {
	Cards    map[CardID]int64 // that are there, with the balance that each began with, or the spend
	Members  map[Hash]*Member // by the index of a contact; their Indexes are not filled in
	Consents map[MemberID][]Consent
}

// Arrivals are what a batch stores.
type Arrivals struct {
	Cards       []*Decision
	Members     []Member // new ones
	Changed     []Member // that are known better now; no contact of theirs is gone
	Consents    []Consent
	Attachments []Attachment
}
