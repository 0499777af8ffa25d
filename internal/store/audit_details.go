package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// detailPage is how many details are read from one snapshot.
const detailPage = 2000

// EachDetail calls f with every purchase and note that is kept, in the order of
// their entries' ids, each with its entry: of that only what the commitment takes is
// set, and nothing where the entry is not there. One is held at a time, and what is
// written or erased meanwhile is seen or not.
//
// Errors: what f returns; as of reading.
func (s *Store) EachDetail(ctx context.Context, f func(*loyalty.Detail, *loyalty.Entry) error) error {
	last := loyalty.EntryID{}
	for more := true; more; {
		err := s.snapshot(ctx, func(db *gorm.DB) error {
			seen, err := detailsAfter(db, &last, f)
			more = seen == detailPage
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func detailsAfter(db *gorm.DB, last *loyalty.EntryID, f func(*loyalty.Detail, *loyalty.Entry) error) (seen int, err error) {
	rows, err := db.Table("details AS d").
		Select(selected("d", detailColumns)+", e.id, e.card_id, e.seq, e.kind, e.commitment").
		Joins("LEFT JOIN entries e ON e.id = d.entry_id").
		Where("d.entry_id > ?", last[:]).Order("d.entry_id").Limit(detailPage).Rows()
	if err != nil {
		return 0, translate(err, false)
	}
	defer rows.Close()
	c := newCursor(rows)
	for ; c.next(); seen++ {
		r := &c.row
		d := loyalty.Detail{Entry: r.id(), Salt: r.id(), Body: r.bytes()}
		e := loyalty.Entry{ID: r.id(), Card: r.id(), Seq: r.number(), Kind: loyalty.EntryKind(r.number()), Commitment: r.hash()}
		if err := f(&d, &e); err != nil {
			return seen, err
		}
		*last = d.Entry
	}
	return seen, translate(c.err, false)
}
