package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// EachItem calls f with every posted item of offline queues, in the order of slots,
// and its entry: of that only what VerifyItem takes is set, and nothing where the
// entry is not there. What is written meanwhile is seen or not. Errors: what f
// returns; as of reading.
func (s *Store) EachItem(ctx context.Context, f func(*loyalty.Synced, *loyalty.Entry) error) error {
	last := []byte{}
	for more := true; more; {
		err := s.snapshot(ctx, func(db *gorm.DB) error {
			type row struct {
				item  loyalty.Synced
				entry loyalty.Entry
			}
			rows, err := all(db.Table("offline_items AS i").
				Select("i.slot, i.hash, i.merchant_id, i.till_id, i.entry_id, i.synced_at, e.id, e.card_id, e.seq, e.till_id, e.kind, e.posted_at").
				Joins("LEFT JOIN entries e ON e.id = i.entry_id").
				Where("i.entry_id IS NOT NULL AND i.slot > ?", last).Order("i.slot").Limit(detailPage), func(r source) row {
				slot := getSlot(r)
				return row{
					item: loyalty.Synced{Item: slot.Item(r.hash()), Merchant: r.id(), Till: r.id(), Entry: r.id(), At: fromMicros(r.number())},
					entry: loyalty.Entry{
						ID: r.id(), Card: r.id(), Seq: r.number(), Till: r.id(), Kind: loyalty.EntryKind(r.number()), Posted: fromMicros(r.number()),
					},
				}
			})
			for i := range rows {
				slot := rows[i].item.Item.Slot()
				last = slot[:]
				if err == nil {
					err = f(&rows[i].item, &rows[i].entry)
				}
			}
			more = len(rows) == detailPage
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
