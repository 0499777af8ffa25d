package store

import (
	"bytes"
	"context"
	"errors"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// queuesOfTill is how many devices a till may have had.
const queuesOfTill = 100

var (
	insertQueues = insertion("queues", queueColumns)

	errTooManyQueues = &loyalty.Refusal{
		Code:    loyalty.TooManyQueues,
		Message: "This till has been 100 devices, which is as many as one may be. Make another till in the office, and pair the device with that.",
	}
)

// RegisterQueue stores a queue of a till, unless the till has one with that key: then
// it is that one, with the highest counter that was synced. Errors: a *loyalty.Refusal
// with loyalty.TooManyQueues or loyalty.TillNotFound; as of Once.
func (s *Store) RegisterQueue(ctx context.Context, q loyalty.Queue) (loyalty.Queue, error) {
	registered := q
	_, err := s.Once(ctx, loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		found, err := first(queueOf(tx.db, q), getQueue)
		switch {
		case errors.Is(err, loyalty.ErrNotFound):
			registered = q
			if err := tx.roomForQueue(q); err != nil {
				return loyalty.Answer{}, err
			}
			return loyalty.Answer{}, insert(tx, insertQueues, []loyalty.Queue{q}, putQueue)
		case err != nil:
			return loyalty.Answer{}, err
		}
		registered = found
		registered.Last, err = lastCounter(tx.db, found.ID)
		return loyalty.Answer{}, err
	})
	if errors.Is(err, loyalty.ErrConflict) { // the same device asked twice at the same time
		registered, err = first(queueOf(s.engine.reader().WithContext(ctx), q), getQueue)
	}
	return registered, err
}

// roomForQueue locks the till, so that no two take its last place.
func (tx *Tx) roomForQueue(q loyalty.Queue) error {
	_, err := first(tx.db.Clauses(locked).Table("tills AS t").Select("t.id").Where("t.id = ? AND t.merchant_id = ?", uid(q.Till), uid(q.Merchant)),
		func(r source) loyalty.TillID { return r.id() })
	if err != nil {
		return refused(err, errNoTill)
	}
	var queues int64
	if _, err := scalars(tx.db.Table("queues AS q").Select("count(*)").Where("q.till_id = ?", uid(q.Till)), &queues); err != nil {
		return err
	}
	if queues >= queuesOfTill {
		return errTooManyQueues
	}
	return nil
}

func queueOf(db *gorm.DB, q loyalty.Queue) *gorm.DB {
	return db.Table("queues AS q").Select(selected("q", queueColumns)).Where("q.till_id = ? AND q.public_key = ?", uid(q.Till), q.Key[:])
}

// lastCounter is the highest that was synced of a queue, or 0.
func lastCounter(db *gorm.DB, id loyalty.QueueID) (int64, error) {
	from := loyalty.QueueItem{Queue: id}
	to := loyalty.QueueItem{Queue: id, Counter: loyalty.MaxCounter}
	low, high := from.Slot(), to.Slot()
	slot, err := first(db.Table("offline_items AS i").Select("i.slot").
		Where("i.slot BETWEEN ? AND ?", low[:], high[:]).Order("i.slot DESC"), getSlot)
	if errors.Is(err, loyalty.ErrNotFound) {
		return 0, nil
	}
	return slot.Item(loyalty.Hash{}).Counter, err
}

// Queues are those of a till that are named, by their ids.
func (s *Store) Queues(ctx context.Context, till loyalty.TillID, ids []loyalty.QueueID) (map[loyalty.QueueID]loyalty.Queue, error) {
	list, err := all(s.engine.reader().WithContext(ctx).Table("queues AS q").Select(selected("q", queueColumns)).
		Where("q.id IN ? AND q.till_id = ?", uids(ids), uid(till)), getQueue)
	queues := make(map[loyalty.QueueID]loyalty.Queue, len(list))
	for _, q := range list {
		queues[q.ID] = q
	}
	return queues, err
}

// Settled is what became of items, as far as they were synced before.
func (s *Store) Settled(ctx context.Context, items []loyalty.QueueItem) (map[loyalty.QueueItem]loyalty.Settled, error) {
	return settledOf(s.engine.reader().WithContext(ctx), items)
}

func settledOf(db *gorm.DB, items []loyalty.QueueItem) (map[loyalty.QueueItem]loyalty.Settled, error) {
	settled := map[loyalty.QueueItem]loyalty.Settled{}
	if len(items) == 0 {
		return settled, nil
	}
	slots := make([][]byte, len(items))
	for i := range items {
		slot := items[i].Slot()
		slots[i] = bytes.Clone(slot[:])
	}
	type row struct {
		item loyalty.QueueItem
		loyalty.Settled
	}
	rows, err := all(db.Table("offline_items AS i").Select("i.slot, i.hash, i.entry_id, i.id, i.code, i.detail").
		Where("i.slot IN ?", slots), func(r source) row {
		slot := getSlot(r)
		return row{slot.Item(r.hash()), loyalty.Settled{Entry: r.id(), Contested: r.id(), Code: loyalty.Code(r.text()), Detail: r.text()}}
	})
	for _, r := range rows {
		settled[r.item] = r.Settled
	}
	return settled, err
}
