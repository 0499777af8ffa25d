package store

import (
	"context"
	"iter"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// historyChunk is how many entries are held at a time.
const historyChunk = 1000

// Histories calls f with up to limit cards of a program, in the order of ids, behind
// the one given, and with what finds cards that were merged into them. It returns the
// last one, and how many there were: fewer than limit at the end. All of it is of one
// moment; posting goes on meanwhile. What f gets must not be used when it has returned.
// Errors: what f returns; as of reading.
func (s *Store) Histories(ctx context.Context, p loyalty.ProgramID, after loyalty.CardID, limit int, f func(*loyalty.History, loyalty.Find) error) (last loyalty.CardID, read int, err error) {
	err = s.snapshot(ctx, func(db *gorm.DB) error {
		ids, err := all(db.Table("enrolments AS n").Select("n.card_id").
			Where("n.program_id = ? AND n.card_id > ?", uid(p), after[:]).Order("n.card_id").Limit(limit),
			func(r source) loyalty.CardID { return r.id() })
		if err != nil || len(ids) == 0 {
			return err
		}
		list, err := histories(db, ids)
		if err != nil {
			return err
		}
		find := func(ended loyalty.EntryID) (*loyalty.History, error) { return endedBy(db, ended) }
		for i := range list {
			if err := f(&list[i], find); err != nil {
				return err
			}
		}
		last, read = ids[len(ids)-1], len(ids)
		return nil
	})
	return last, read, err
}

// histories are cards, in the order of their ids; their entries are read with them.
func histories(db *gorm.DB, ids []loyalty.CardID) ([]loyalty.History, error) {
	list, err := all(db.Table("cards AS c").Select(selected("c", cardIdentity+", "+cardState)+", "+cardBelonging).
		Where("c.id IN ?", uids(ids)).Order("c.id"),
		func(r source) loyalty.History { return loyalty.History{Card: getCard(r), Belonging: getBelonging(r)} })
	if err != nil {
		return nil, err
	}
	vouchers, err := byOwner(db.Table("vouchers AS v").Select(selected("v", voucherColumns)).Where("v.card_id IN ?", uids(ids)).Order("v.issued_at, v.id"),
		getVoucher, func(v *loyalty.Voucher) loyalty.CardID { return v.Card })
	if err != nil {
		return nil, err
	}
	entries := &chunks{db: db, cards: ids}
	for i := range list {
		h := &list[i]
		h.Vouchers, h.Entries = vouchers[h.Card.ID], entries.of(h.Card.ID)
	}
	return list, nil
}

// endedBy is the card that a merge has ended, by its entry of that.
func endedBy(db *gorm.DB, entry loyalty.EntryID) (*loyalty.History, error) {
	id, err := first(db.Table("entries AS e").Select("e.card_id").Where("e.id = ?", uid(entry)),
		func(r source) loyalty.CardID { return r.id() })
	if err != nil {
		return nil, err
	}
	list, err := histories(db, []loyalty.CardID{id})
	if err == nil && len(list) == 0 {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// chunks reads the entries of several cards, in their order, a chunk at a time:
// between two of them the connection is free for others.
type chunks struct {
	db    *gorm.DB
	cards []loyalty.CardID
	list  []loyalty.DetailedEntry
	after struct {
		card loyalty.CardID
		seq  int64
	}
	over bool
}

// of are the entries of one card, once. Those of cards before it are passed over.
func (c *chunks) of(card loyalty.CardID) iter.Seq2[loyalty.DetailedEntry, error] {
	return func(yield func(loyalty.DetailedEntry, error) bool) {
		for {
			if len(c.list) == 0 {
				if err := c.fill(card); err != nil {
					yield(loyalty.DetailedEntry{}, err)
					return
				}
			}
			if len(c.list) == 0 {
				return
			}
			switch e := &c.list[0]; e.Card.Compare(card) {
			case 1:
				return
			case 0:
				c.list = c.list[1:]
				if !yield(*e, nil) {
					return
				}
			default:
				c.list = c.list[1:]
			}
		}
	}
}

// fill reads the next chunk, from a card on.
func (c *chunks) fill(from loyalty.CardID) (err error) {
	if c.over {
		return nil
	}
	if c.after.card.Compare(from) < 0 {
		c.after.card, c.after.seq = from, 0
	}
	c.list, err = all(c.db.Table("entries AS e").Select(selected("e", entryColumns)+", d.salt, d.body").
		Joins("LEFT JOIN details d ON d.entry_id = e.id").
		Where("e.card_id IN ?", uids(c.cards)).
		Where("(e.card_id, e.seq) > (?, ?)", uid(c.after.card), c.after.seq).
		Order("e.card_id, e.seq").Limit(historyChunk), getDetailedEntry)
	if err != nil {
		return err
	}
	c.over = len(c.list) < historyChunk
	if !c.over {
		last := &c.list[historyChunk-1]
		c.after.card, c.after.seq = last.Card, last.Seq
	}
	return nil
}

// VersionsOf are all versions of a program, by their numbers. Errors:
// loyalty.ErrNotFound.
func (s *Store) VersionsOf(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (map[int32]*loyalty.Program, error) {
	const atOnce = 100
	versions := map[int32]*loyalty.Program{}
	for before := int32(0); ; {
		list, err := s.Versions(ctx, m, id, before, atOnce)
		if err != nil {
			return nil, err
		}
		for i := range list {
			versions[list[i].Version] = &list[i].Program
			before = list[i].Version
		}
		if len(list) < atOnce {
			return versions, nil
		}
	}
}
