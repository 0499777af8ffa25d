package store

import "stempel/internal/loyalty"

// What keeps anything from happening twice: spent nonces, answered requests,
// credited purchases.
const (
	useColumns = "nonce uuid, action bigint, card_id uuid, scan_id uuid, till_id uuid, entry_id uuid, " +
		"used_at bigint, expires_at bigint"
	answerColumns   = "id bytea, body_hash bytea, card_id uuid, status bigint, answer bytea, expires_at bigint"
	creditColumns   = "key uuid, program_id uuid"
	creditedColumns = creditColumns + ", entry_id uuid"
)

func putUse(s sink, u *loyalty.Use) {
	s.id(u.Nonce)
	s.number(int64(u.Action))
	s.id(u.Card)
	s.id(u.Scan)
	s.id(u.Till)
	s.id(u.Entry)
	s.number(micros(u.At))
	s.number(micros(u.Expires))
}

// getUse leaves TillName and Merchant to whoever reads the till too.
func getUse(r source) loyalty.Use {
	return loyalty.Use{
		Nonce:   r.id(),
		Action:  loyalty.EntryKind(r.number()),
		Card:    r.id(),
		Scan:    r.id(),
		Till:    r.id(),
		Entry:   r.id(),
		At:      fromMicros(r.number()),
		Expires: fromMicros(r.number()),
	}
}

func putAnswer(s sink, a *loyalty.Answer) {
	s.bytes(a.Request[:])
	s.bytes(a.BodyHash[:])
	s.id(a.Card)
	s.number(int64(a.Status))
	s.bytes(a.Body)
	s.number(micros(a.Expires))
}

func getAnswer(r source) loyalty.Answer {
	return loyalty.Answer{
		Request:  loyalty.RequestID(r.hash()),
		BodyHash: r.hash(),
		Card:     r.id(),
		Status:   int(r.number()),
		Body:     r.bytes(),
		Expires:  fromMicros(r.number()),
	}
}

func putCredit(s sink, c *loyalty.Credit) {
	s.id(c.Purchase)
	s.id(c.Program)
}

func putCredited(s sink, c *loyalty.Credited) {
	putCredit(s, &c.Credit)
	s.id(c.Entry)
}
