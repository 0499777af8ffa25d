package store

import "stempel/internal/loyalty"

// What never changes in a card, and what may.
const (
	cardIdentity = "id uuid, merchant_id uuid, program_id uuid, created_at bigint"
	cardState    = "blocked boolean, may_owe boolean, balance bigint, lifetime bigint, cycle bigint, " +
		"seq bigint, head bytea, floor bigint, last_earn bigint, active_at bigint, day bigint, " +
		"day_from bigint, day_units bigint, wallet_gen bigint, print_gen bigint, " +
		"inherited bigint, merged_into uuid, counts bytea, month bigint, month_from bigint, month_units bigint, visits bigint"
)

func putCard(s sink, c *loyalty.Card) {
	s.id(c.ID)
	s.id(c.Merchant)
	s.id(c.Program)
	s.number(micros(c.Created))
	putCardState(s, c)
}

func putCardUpdate(s sink, c *loyalty.Card) {
	s.id(c.ID)
	putCardState(s, c)
}

func putCardState(s sink, c *loyalty.Card) {
	s.flag(c.Blocked)
	s.flag(c.MayOwe)
	s.number(c.Balance)
	s.number(c.Lifetime)
	s.number(c.Cycle)
	s.number(c.Seq)
	s.bytes(c.Head[:])
	s.number(c.Floor)
	s.number(micros(c.LastEarn))
	s.number(micros(c.ActiveAt))
	s.number(int64(c.Day))
	s.number(c.DayFrom)
	s.number(c.DayUnits)
	s.number(int64(c.WalletGen))
	s.number(int64(c.PrintGen))
	s.number(c.Inherited)
	s.id(c.MergedInto)
	if c.Counts == "" {
		s.bytes(nil)
	} else {
		s.bytes([]byte(c.Counts))
	}
	s.number(int64(c.Month))
	s.number(c.MonthFrom)
	s.number(c.MonthUnits)
	s.number(c.Visits)
}

func getCard(r source) loyalty.Card {
	return loyalty.Card{
		ID:         r.id(),
		Merchant:   r.id(),
		Program:    r.id(),
		Created:    fromMicros(r.number()),
		Blocked:    r.flag(),
		MayOwe:     r.flag(),
		Balance:    r.number(),
		Lifetime:   r.number(),
		Cycle:      r.number(),
		Seq:        r.number(),
		Head:       r.hash(),
		Floor:      r.number(),
		LastEarn:   fromMicros(r.number()),
		ActiveAt:   fromMicros(r.number()),
		Day:        int32(r.number()),
		DayFrom:    r.number(),
		DayUnits:   r.number(),
		WalletGen:  int32(r.number()),
		PrintGen:   int32(r.number()),
		Inherited:  r.number(),
		MergedInto: r.id(),
		Counts:     loyalty.Counts(r.bytes()),
		Month:      int32(r.number()),
		MonthFrom:  r.number(),
		MonthUnits: r.number(),
		Visits:     r.number(),
	}
}

// enrolmentColumns are a card as the office lists it.
const enrolmentColumns = "merchant_id uuid, program_id uuid, card_id uuid, blocked boolean"

func putEnrolment(s sink, c *loyalty.Card) {
	s.id(c.Merchant)
	s.id(c.Program)
	s.id(c.ID)
	s.flag(c.Blocked)
}
