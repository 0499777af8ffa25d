package store

import "stempel/internal/loyalty"

const entryColumns = "id uuid, merchant_id uuid, operator_id uuid, card_id uuid, seq bigint, kind bigint, " +
	"units bigint, balance bigint, program_id uuid, version bigint, location_id uuid, till_id uuid, " +
	"staff_id uuid, method bigint, captured_at bigint, posted_at bigint, origin_id uuid, reward_id uuid, " +
	"voucher_id uuid, commitment bytea, hash bytea, lifted bigint, " +
	"month bigint, spend bigint, rate bigint, discount bigint, explained bytea"

func putEntry(s sink, e *loyalty.Entry) {
	s.id(e.ID)
	s.id(e.Merchant)
	s.id(e.Operator)
	s.id(e.Card)
	s.number(e.Seq)
	s.number(int64(e.Kind))
	s.number(e.Units)
	s.number(e.Balance)
	s.id(e.Program)
	s.number(int64(e.Version))
	s.id(e.Location)
	s.id(e.Till)
	s.id(e.Staff)
	s.number(int64(e.Method))
	s.number(micros(e.Captured))
	s.number(micros(e.Posted))
	s.id(e.Origin)
	s.id(e.Reward)
	s.id(e.Voucher)
	if e.Commitment == (loyalty.Hash{}) {
		s.bytes(nil)
	} else {
		s.bytes(e.Commitment[:])
	}
	s.bytes(e.Hash[:])
	s.number(int64(e.Lifted))
	s.maybe(int64(e.Counted.Month))
	s.maybe(e.Counted.Spend)
	s.maybe(e.Counted.Rate)
	s.maybe(e.Counted.Off)
	if e.Explained == "" {
		s.bytes(nil)
	} else {
		s.bytes([]byte(e.Explained))
	}
}

func getEntry(r source) loyalty.Entry {
	return loyalty.Entry{
		ID:         r.id(),
		Merchant:   r.id(),
		Operator:   r.id(),
		Card:       r.id(),
		Seq:        r.number(),
		Kind:       loyalty.EntryKind(r.number()),
		Units:      r.number(),
		Balance:    r.number(),
		Program:    r.id(),
		Version:    int32(r.number()),
		Location:   r.id(),
		Till:       r.id(),
		Staff:      r.id(),
		Method:     loyalty.Method(r.number()),
		Captured:   fromMicros(r.number()),
		Posted:     fromMicros(r.number()),
		Origin:     r.id(),
		Reward:     r.id(),
		Voucher:    r.id(),
		Commitment: r.hash(),
		Hash:       r.hash(),
		Lifted:     loyalty.Lifted(r.number()),
		Counted: loyalty.Counted{
			Month: loyalty.Month(r.number()), Spend: r.number(), Rate: r.number(), Off: r.number(),
		},
		Explained: string(r.bytes()),
	}
}

const detailColumns = "entry_id uuid, salt uuid, body bytea"

func putDetail(s sink, d *loyalty.Detail) {
	s.id(d.Entry)
	s.id(d.Salt)
	s.bytes(d.Body)
}
