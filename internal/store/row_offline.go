package store

import "stempel/internal/loyalty"

// What a till did offline: as posting writes and reads it, and as it is contested.
const (
	syncedColumns    = "slot bytea, hash bytea, merchant_id uuid, till_id uuid, entry_id uuid, lease_id uuid, synced_at bigint"
	contestedColumns = "id uuid, slot bytea, hash bytea, merchant_id uuid, till_id uuid, staff_id uuid, captured_at bigint, synced_at bigint, " +
		"action bigint, card_id uuid, method bigint, units bigint, total bigint, currency text, voucher_id uuid, lease_id uuid, " +
		"code text, detail text, settled_at bigint, note text"
	leaseColumns = "id uuid, merchant_id uuid, till_id uuid, redemptions bigint, used bigint, issued_at bigint, expires_at bigint"
	queueColumns = "id uuid, merchant_id uuid, till_id uuid, public_key bytea, created_at bigint"
)

func putSynced(s sink, i *loyalty.Synced) {
	slot := i.Item.Slot()
	s.bytes(slot[:])
	s.bytes(i.Item.Hash[:])
	s.id(i.Merchant)
	s.id(i.Till)
	s.id(i.Entry)
	s.id(i.Lease)
	s.number(micros(i.At))
}

func getContested(r source) loyalty.Contested {
	c := loyalty.Contested{ID: r.id()}
	slot := getSlot(r)
	c.Item = slot.Item(r.hash())
	c.Merchant, c.Till, c.Staff = r.id(), r.id(), r.id()
	c.Captured, c.Synced = fromMicros(r.number()), fromMicros(r.number())
	c.Action, c.Card, c.Method = loyalty.EntryKind(r.number()), r.id(), loyalty.Method(r.number())
	c.Units, c.Total, c.Currency = r.number(), r.number(), r.text()
	c.Voucher, c.Lease = r.id(), r.id()
	c.Code, c.Detail = loyalty.Code(r.text()), r.text()
	c.Settled, c.Note = fromMicros(r.number()), r.text()
	return c
}

func getSlot(r source) (s loyalty.Slot) {
	copy(s[:], r.bytes())
	return s
}

func putLease(s sink, l *loyalty.Lease) {
	s.id(l.ID)
	s.id(l.Merchant)
	s.id(l.Till)
	s.number(int64(l.Redemptions))
	s.number(int64(l.Used))
	s.number(micros(l.Issued))
	s.number(micros(l.Expires))
}

// putLeaseUsed is all of a lease that changes when something is synced.
func putLeaseUsed(s sink, l *loyalty.Lease) {
	s.id(l.ID)
	s.number(int64(l.Used))
}

func getLease(r source) loyalty.Lease {
	return loyalty.Lease{
		ID: r.id(), Merchant: r.id(), Till: r.id(), Redemptions: int32(r.number()), Used: int32(r.number()),
		Issued: fromMicros(r.number()), Expires: fromMicros(r.number()),
	}
}

func putQueue(s sink, q *loyalty.Queue) {
	s.id(q.ID)
	s.id(q.Merchant)
	s.id(q.Till)
	s.bytes(q.Key[:])
	s.number(micros(q.Created))
}

func getQueue(r source) loyalty.Queue {
	q := loyalty.Queue{ID: r.id(), Merchant: r.id(), Till: r.id()}
	copy(q.Key[:], r.bytes())
	q.Created = fromMicros(r.number())
	return q
}
