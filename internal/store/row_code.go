package store

import (
	"math"
	"time"

	"stempel/internal/loyalty"
)

const (
	newCodeColumns = "id uuid, reward_id uuid, import_id uuid, merchant_id uuid, expires_at bigint, imported_at bigint, " +
		"sealed bytea, fingerprint bytea"
	handedColumns = "state bigint, taken_at bigint, card_id uuid, entry_id uuid"
	codeColumns   = newCodeColumns + ", " + handedColumns

	// bareCodeColumns are those that deciding takes.
	bareCodeColumns = "id uuid, reward_id uuid, merchant_id uuid, expires_at bigint, " + handedColumns
)

func putNewCode(s sink, c *loyalty.GiftCode) {
	s.id(c.ID)
	s.id(c.Reward)
	s.id(c.Import)
	s.id(c.Merchant)
	s.number(codeEnd(c.Expires))
	s.number(micros(c.Imported))
	s.bytes(c.Sealed)
	s.bytes(c.Fingerprint[:])
}

func putHanded(s sink, c *loyalty.GiftCode) {
	s.id(c.ID)
	s.number(int64(c.State))
	s.number(micros(c.Taken))
	s.id(c.Card)
	s.id(c.Entry)
}

func getCode(r source) loyalty.GiftCode {
	c := loyalty.GiftCode{
		ID: r.id(), Reward: r.id(), Import: r.id(), Merchant: r.id(), Expires: fromCodeEnd(r.number()), Imported: fromMicros(r.number()),
		Sealed: r.bytes(), Fingerprint: r.hash(),
	}
	getHanded(r, &c)
	return c
}

func getBareCode(r source) loyalty.GiftCode {
	c := loyalty.GiftCode{ID: r.id(), Reward: r.id(), Merchant: r.id(), Expires: fromCodeEnd(r.number())}
	getHanded(r, &c)
	return c
}

func getHanded(r source, c *loyalty.GiftCode) {
	c.State, c.Taken, c.Card, c.Entry = loyalty.GiftCodeState(r.number()), fromMicros(r.number()), r.id(), r.id()
}

// codeEnd is how the end of a code is stored: so that one range of one index has
// the good ones, and those without an end come last.
func codeEnd(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return micros(t)
}

func fromCodeEnd(n int64) time.Time {
	if n == math.MaxInt64 {
		return time.Time{}
	}
	return fromMicros(n)
}
