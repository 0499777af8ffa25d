package store

import "stempel/internal/loyalty"

// A lot's dates and place never change.
const (
	lotKey     = "card_id uuid, entry_id uuid"
	lotState   = "units bigint, remaining bigint, expired bigint"
	lotColumns = lotKey + ", " + lotState + ", seq bigint, available_at bigint, expires_at bigint"
)

func putLot(s sink, l *loyalty.Lot) {
	putLotState(s, l)
	s.number(l.Seq)
	s.number(micros(l.Available))
	s.number(micros(l.Expires))
}

func putLotState(s sink, l *loyalty.Lot) {
	s.id(l.Card)
	s.id(l.Entry)
	s.number(l.Units)
	s.number(l.Left)
	s.number(l.Expired)
}

func getLot(r source) loyalty.Lot {
	return loyalty.Lot{
		Card: r.id(), Entry: r.id(), Units: r.number(), Left: r.number(), Expired: r.number(),
		Seq: r.number(), Available: fromMicros(r.number()), Expires: fromMicros(r.number()),
	}
}

const (
	refundState   = "units bigint, amount bigint, lines bytea"
	refundColumns = "entry_id uuid, " + refundState
)

func putRefund(s sink, r *loyalty.Refunded) {
	s.id(r.Entry)
	s.number(r.Units)
	s.number(r.Amount)
	s.bytes([]byte(r.Lines))
}

func getRefund(r source) loyalty.Refunded {
	return loyalty.Refunded{Entry: r.id(), Units: r.number(), Amount: r.number(), Lines: string(r.bytes())}
}
