package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

var (
	errNoContested      = &loyalty.Refusal{Code: loyalty.ContestedNotFound, Message: "There is no such contested item."}
	errContestedSettled = &loyalty.Refusal{Code: loyalty.ContestedSettled, Message: "This item was settled before."}
)

// Contest lists items that the ledger did not take, and says what became of each
// item: of one that was settled meanwhile what it became then. A redemption counts
// against its lease. Errors: as of Once.
func (s *Store) Contest(ctx context.Context, items []loyalty.Contested) (map[loyalty.QueueItem]loyalty.Settled, error) {
	var settled map[loyalty.QueueItem]loyalty.Settled
	_, err := s.Once(ctx, loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		rows := slices.Clone(items)
		slices.SortFunc(rows, func(a, b loyalty.Contested) int { // so that no two wait for each other
			first, second := a.Item.Slot(), b.Item.Slot()
			if c := bytes.Compare(first[:], second[:]); c != 0 {
				return c
			}
			return bytes.Compare(a.Item.Hash[:], b.Item.Hash[:])
		})
		if err := tx.lockLeases(rows); err != nil {
			return loyalty.Answer{}, err
		}
		names := make([]loyalty.QueueItem, len(rows))
		for i := range rows {
			names[i] = rows[i].Item
			if err := tx.contest(rows[i]); err != nil {
				return loyalty.Answer{}, err
			}
		}
		var err error
		settled, err = settledOf(tx.db, names)
		return loyalty.Answer{}, err
	})
	return settled, err
}

// lockLeases locks leases as posting does: before anything is inserted.
func (tx *Tx) lockLeases(rows []loyalty.Contested) error {
	var ids []loyalty.LeaseID
	for i := range rows {
		if !rows[i].Lease.IsZero() {
			ids = append(ids, rows[i].Lease)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := all(tx.db.Clauses(locked).Table("leases AS l").Select("l.id").Where("l.id IN ?", uids(ids)).Order("l.id"),
		func(r source) loyalty.LeaseID { return r.id() })
	return err
}

// contest inserts one item, unless it is there. Where another one has its place, it
// is the later of two.
func (tx *Tx) contest(c loyalty.Contested) error {
	added, err := tx.insertContested(&c)
	if err != nil || added {
		return err
	}
	before, err := settledOf(tx.db, []loyalty.QueueItem{c.Item})
	if _, there := before[c.Item]; err != nil || there {
		return err
	}
	reused := loyalty.RefuseReused()
	c.Code, c.Detail = reused.Code, reused.Message
	_, err = tx.insertContested(&c)
	return err
}

func (tx *Tx) insertContested(c *loyalty.Contested) (added bool, err error) {
	slot := c.Item.Slot()
	done := tx.db.Exec("INSERT INTO offline_items (id, slot, hash, merchant_id, till_id, staff_id, captured_at, synced_at, "+
		"action, card_id, method, units, total, currency, voucher_id, lease_id, code, detail) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		uid(c.ID), slot[:], c.Item.Hash[:], uid(c.Merchant), uid(c.Till), uid(c.Staff), micros(c.Captured), micros(c.Synced),
		int64(c.Action), uid(c.Card), int64(c.Method), c.Units, c.Total, c.Currency, uid(c.Voucher), uid(c.Lease), string(c.Code), c.Detail)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error, false)
	}
	if c.Lease.IsZero() {
		return true, nil
	}
	return true, tx.exec("UPDATE leases SET used = used + 1 WHERE id = ? AND till_id = ?", uid(c.Lease), uid(c.Till))
}

// ContestedItems are a merchant's contested items, or those of one till, newest
// first, after the one named if any: the open ones, the settled ones, or both.
func (s *Store) ContestedItems(ctx context.Context, m loyalty.MerchantID, till loyalty.TillID, open, settled bool, after loyalty.ContestedID, limit int) ([]loyalty.Contested, error) {
	query := contestedOf(s.engine.reader().WithContext(ctx), m)
	if !till.IsZero() {
		query = query.Where("i.till_id = ?", uid(till))
	}
	switch {
	case !settled:
		query = query.Where("i.settled_at = 0")
	case !open:
		query = query.Where("i.settled_at > 0")
	}
	return page(query, "i.id", after, limit, getContested)
}

// OpenContested counts a merchant's open items, and of these the rewards that were
// handed out.
func (s *Store) OpenContested(ctx context.Context, m loyalty.MerchantID) (open, losses int64, err error) {
	return countContested(s.engine.reader().WithContext(ctx).Table("offline_items AS i").Where("i.merchant_id = ?", uid(m)))
}

// ContestedBacklog counts the open items of all merchants, and of these the rewards
// that were handed out.
func (s *Store) ContestedBacklog(ctx context.Context) (open, losses int64, err error) {
	return countContested(s.engine.reader().WithContext(ctx).Table("offline_items AS i"))
}

func countContested(items *gorm.DB) (open, losses int64, err error) {
	_, err = scalars(items.Select("count(*), coalesce(sum(CASE WHEN i.action = ? THEN 1 ELSE 0 END), 0)", int64(loyalty.Redeem)).
		Where("i.id IS NOT NULL AND i.settled_at = 0"), &open, &losses)
	return open, losses, err
}

// SettleContested closes a contested item with a note, and answers with what render
// makes of it. Errors: a *loyalty.Refusal with loyalty.ContestedNotFound or
// loyalty.ContestedSettled; what render returns; as of Once.
func (s *Store) SettleContested(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.ContestedID, note string, now time.Time, render func(*loyalty.Contested) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		c, err := first(contestedOf(tx.db, m).Clauses(locked).Where("i.id = ?", uid(id)), getContested)
		switch {
		case err != nil:
			return loyalty.Answer{}, refused(err, errNoContested)
		case !c.Settled.IsZero():
			return loyalty.Answer{}, errContestedSettled
		}
		c.Settled, c.Note = now, note
		if err := tx.exec("UPDATE offline_items SET settled_at = ?, note = ? WHERE merchant_id = ? AND id = ?",
			micros(now), note, uid(m), uid(id)); err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := render(&c)
		answer.Card = c.Card // erasing that erases it
		return answer, err
	})
}

// CardContested are the contested items of one card, as ContestedItems lists them.
func (s *Store) CardContested(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, after loyalty.ContestedID, limit int) ([]loyalty.Contested, error) {
	query := contestedOf(s.engine.reader().WithContext(ctx), m).Where("i.card_id = ?", uid(card))
	return page(query, "i.id", after, limit, getContested)
}

// eraseContested erases what was bought and what people noted of contested items of a
// card. The items stay: they name the card, as its entries do.
func (tx *Tx) eraseContested(card loyalty.CardID) error {
	return tx.exec("UPDATE offline_items SET total = 0, currency = '', note = '' WHERE card_id = ?", uid(card))
}

func contestedOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return db.Table("offline_items AS i").Select(selected("i", contestedColumns)).Where("i.merchant_id = ? AND i.id IS NOT NULL", uid(m))
}
