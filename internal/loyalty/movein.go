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

// MoveIn is a card as it arrives from another system: its balance is one opening
// entry, which may fill a stamp card. There is no welcome: the customer had that.
// since is when the card was opened there, or zero.
// Errors: program_ended, program_not_found, units_out_of_range.
func MoveIn(p *Program, c Command, units int64, since, now time.Time, newID func() [16]byte) (*Decision, error) {
	if err := p.enrols(c.Merchant, now); err != nil {
		return nil, err
	}
	card := NewCard(c.Card, p, now)
	if !since.IsZero() && since.Before(now) {
		card.Created = since
	}
	if units == 0 {
		return &Decision{Card: card, Program: p}, nil
	}
	c.Do, c.Captured = OpeningBalance{Units: units}, now
	facts := Facts{Cards: map[CardID]*State{c.Card: {Program: p, Card: card}}}
	return Decide(&facts, &c, now, newID)
}
