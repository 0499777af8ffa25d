package store

import "stempel/internal/loyalty"

// Rows of people, for insertions of many. One by one, GORM writes them.
const (
	newMemberColumns  = "id uuid, merchant_id uuid, created_at bigint, changed_at bigint, profile bytea"
	contactColumns    = "blind_index bytea, member_id uuid"
	newConsentColumns = "id uuid, member_id uuid, purpose text, given boolean, given_at bigint, shown bytea"
	ownershipColumns  = "card_id uuid, member_id uuid, attached_at bigint"
)

// contact is by what a member is found.
type contact struct {
	index  loyalty.Hash
	member loyalty.MemberID
}

func putMember(s sink, m *loyalty.Member) {
	s.id(m.ID)
	s.id(m.Merchant)
	s.number(micros(m.Created))
	s.number(micros(m.Changed))
	s.bytes(m.Sealed)
}

func putProfile(s sink, m *loyalty.Member) {
	s.id(m.ID)
	s.bytes(m.Sealed)
	s.number(micros(m.Changed))
}

func putContact(s sink, c *contact) {
	s.bytes(c.index[:])
	s.id(c.member)
}

func putConsent(s sink, c *loyalty.Consent) {
	s.id(c.ID)
	s.id(c.Member)
	s.text(c.Purpose)
	s.flag(c.Given)
	s.number(micros(c.At))
	s.bytes(c.Sealed)
}

func putAttachment(s sink, a *loyalty.Attachment) {
	s.id(a.Card)
	s.id(a.Member)
	s.number(micros(a.At))
}
