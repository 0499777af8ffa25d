package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// FindEntries finds entries of a merchant's cards and tills: at most so many
// from the one after an id on, the newest first. next is what to pass as after
// for more, zero at the end.
//
// There is no index but the primary key, whose ids sort by time: hence only so
// many of the newest are looked at, and a page may be short or empty although
// more follows. Of one card, its own entries are looked at, in the order of Seq.
//
// Errors: loyalty.ErrNotFound for a card that is not this merchant's.
func (s *Store) FindEntries(ctx context.Context, m loyalty.MerchantID, f loyalty.EntryFilter, after loyalty.EntryID, limit int) (entries []loyalty.Entry, next loyalty.EntryID, err error) {
	db := s.engine.reader().WithContext(ctx)
	if !f.Card.IsZero() {
		if err := s.own(ctx, m, f.Card); err != nil {
			return nil, next, err
		}
		return entriesOfCard(db, &f, after, limit)
	}
	return entriesOfMerchant(db, m, &f, after, limit)
}

// entriesOfCard looks at the entries of one card.
func entriesOfCard(db *gorm.DB, f *loyalty.EntryFilter, after loyalty.EntryID, limit int) (found []loyalty.Entry, next loyalty.EntryID, err error) {
	query := db.Table("entries AS e").Select(selected("e", entryColumns)).Where("e.card_id = ?", uid(f.Card))
	if !after.IsZero() {
		seq, err := first(db.Table("entries AS e").Select("e.seq").Where("e.id = ? AND e.card_id = ?", uid(after), uid(f.Card)),
			func(r source) int64 { return r.number() })
		if errors.Is(err, loyalty.ErrNotFound) {
			return nil, next, nil
		}
		if err != nil {
			return nil, next, err
		}
		query = query.Where("e.seq < ?", seq)
	}
	rows, err := all(query.Order("e.seq DESC").Limit(window+1), getEntry)
	if err != nil {
		return nil, next, err
	}
	for i := range rows {
		if len(found) == limit || i == window {
			return found, rows[i-1].ID, nil
		}
		if f.Takes(&rows[i]) {
			found = append(found, rows[i])
		}
	}
	return found, next, nil
}

// entriesOfMerchant looks at the next so many entries of the whole house.
func entriesOfMerchant(db *gorm.DB, m loyalty.MerchantID, f *loyalty.EntryFilter, after loyalty.EntryID, limit int) (found []loyalty.Entry, next loyalty.EntryID, err error) {
	from, before := bounds(f, after)
	last, err := first(db.Table("entries AS e").Select("e.id").
		Where("e.id >= ? AND e.id < ?", from[:], before[:]).Order("e.id DESC").Offset(window),
		func(r source) loyalty.EntryID { return r.id() })
	switch {
	case err == nil:
		next = beyond(last)
		from = next
	case !errors.Is(err, loyalty.ErrNotFound):
		return nil, next, err
	}
	found, err = all(whereEntry(f, db.Table("entries AS e").Select(selected("e", entryColumns)), m).
		Where("e.id >= ? AND e.id < ?", from[:], before[:]).Order("e.id DESC").Limit(limit+1), getEntry)
	if err == nil && len(found) > limit {
		found = found[:limit]
		next = found[limit-1].ID
	}
	return found, next, err
}

// beyond is the least id after all that share the time of one, to a quarter of a
// microsecond: where to cut between two pages without showing whose entry is
// there, as it may be another merchant's. No process makes two ids of one time.
func beyond(id loyalty.EntryID) (bound loyalty.EntryID) {
	binary.BigEndian.PutUint64(bound[:8], binary.BigEndian.Uint64(id[:8])+1)
	return bound
}

// slack is how far an entry's id may be from when it was posted: ids are made a
// moment later, and clocks are set.
const slack = time.Minute

// bounds are the ids to look between, the second one excluded.
func bounds(f *loyalty.EntryFilter, after loyalty.EntryID) (from, before loyalty.EntryID) {
	before = loyalty.EntryID(bytes.Repeat([]byte{0xff}, len(before)))
	if !f.From.IsZero() {
		from = idAt(f.From.Add(-slack))
	}
	if !f.To.IsZero() {
		before = idAt(f.To.Add(slack))
	}
	if !after.IsZero() && after.Compare(before) < 0 {
		before = after
	}
	return from, before
}

// idAt is the least UUIDv7 of a moment (RFC 9562 §5.7: 48 bits of milliseconds).
func idAt(t time.Time) (id loyalty.EntryID) {
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, t.UnixMilli()))<<16)
	return id
}

// whereEntry is EntryFilter.Takes for a query, with the merchant's part.
func whereEntry(f *loyalty.EntryFilter, query *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	query = query.Where("(e.merchant_id = ? OR e.operator_id = ?)", uid(m), uid(m))
	if !f.Program.IsZero() {
		query = query.Where("e.program_id = ?", uid(f.Program))
	}
	if !f.Till.IsZero() {
		query = query.Where("e.till_id = ?", uid(f.Till))
	}
	if !f.Staff.IsZero() {
		query = query.Where("e.staff_id = ?", uid(f.Staff))
	}
	if f.Kind != 0 {
		query = query.Where("e.kind = ?", int64(f.Kind))
	}
	if !f.From.IsZero() {
		query = query.Where("e.posted_at >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		query = query.Where("e.posted_at < ?", micros(f.To))
	}
	return query
}
