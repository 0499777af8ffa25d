package store

import "stempel/internal/loyalty"

// What Decide needs to know of a claim code, and what claiming writes. The
// purchase goes: from then on the entry's detail has it.
const (
	claimColumns = "id uuid, merchant_id uuid, program_id uuid, till_id uuid, location_id uuid, staff_id uuid, " +
		"role bigint, units bigint, worth bigint, issued_at bigint, expires_at bigint, withdrawn_at bigint, " +
		claimedColumns
	claimedColumns = "claimed_at bigint, card_id uuid, entry_id uuid"
)

func getClaim(r source) loyalty.ClaimCode {
	return loyalty.ClaimCode{
		ID:        r.id(),
		Merchant:  r.id(),
		Program:   r.id(),
		Till:      r.id(),
		Location:  r.id(),
		Staff:     r.id(),
		Role:      loyalty.Role(r.number()),
		Earning:   loyalty.Earning{Units: r.number()},
		Worth:     r.number(),
		Issued:    fromMicros(r.number()),
		Expires:   fromMicros(r.number()),
		Withdrawn: fromMicros(r.number()),
		Claimed:   fromMicros(r.number()),
		Card:      r.id(),
		Entry:     r.id(),
	}
}

func putClaimed(s sink, c *loyalty.Claimed) {
	s.id(c.Claim)
	s.number(micros(c.At))
	s.id(c.Card)
	s.id(c.Entry)
	s.bytes(nil)
}
