package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// drift is how far an entry's id may be from when it was posted, as settlements go: the
// clock of a process may have been set by as much while it ran. Whatever is further away
// would be counted in no month.
const drift = 24 * time.Hour

// Settlement is what came of a program's entries that were posted from one moment to
// before another, and the rules of each version. No scan keeps sums for it, and no
// index: ids sort by time, so it reads what was posted in that time in the whole house,
// drift on both sides, and whatever was taken back in it, of any time.
func (s *Store) Settlement(ctx context.Context, program loyalty.ProgramID, from, to time.Time) ([]loyalty.Turnover, map[int32]loyalty.Rules, error) {
	db := s.engine.reader().WithContext(ctx)
	low, high := idAt(from.Add(-drift)), idAt(to.Add(drift))
	turnovers, err := all(db.Table("entries AS e").
		Select(turnoverColumns+", CAST(SUM(e.units) AS bigint), CAST(COALESCE(SUM(e.discount), 0) AS bigint), count(*)").
		Where("e.id >= ? AND e.id < ? AND e.program_id = ? AND e.posted_at >= ? AND e.posted_at < ?",
			low[:], high[:], uid(program), micros(from), micros(to)).
		Group("1, 2, 3, 4, 5, 6, COALESCE(e.discount, 0) = 0"), getTurnover)
	if err != nil {
		return nil, nil, err
	}
	versions, err := versionsOf(db, program) // after it: those that have decided do not change
	return turnovers, versions, err
}

// turnoverColumns are what entries are put together by. What a void or a refund (6, 10)
// takes back is asked for one by one: joined, PostgreSQL would read the whole ledger for
// it. Reward and voucher stand in the void as well. What took nothing off a purchase is kept
// apart: of one reward's vouchers some may be for items.
const turnoverColumns = "CASE WHEN e.kind IN (6, 10) THEN (SELECT o.merchant_id FROM entries o WHERE o.id = e.origin_id) ELSE e.merchant_id END, " +
	"CASE WHEN e.kind IN (6, 10) THEN (SELECT o.version FROM entries o WHERE o.id = e.origin_id) ELSE e.version END, e.kind, " +
	"CASE WHEN e.kind IN (6, 10) THEN (SELECT o.kind FROM entries o WHERE o.id = e.origin_id) ELSE 0 END, " +
	"e.reward_id, CASE WHEN e.voucher_id IS NULL THEN 0 ELSE 1 END"

func getTurnover(r source) loyalty.Turnover {
	return loyalty.Turnover{
		Merchant: r.id(), Version: int32(r.number()), Kind: loyalty.EntryKind(r.number()), Of: loyalty.EntryKind(r.number()),
		Reward: r.id(), ByVoucher: r.number() != 0, Units: r.number(), Off: r.number(), Entries: r.number(),
	}
}

// ProgramMade is when a program was made: nothing was posted in it before. Errors:
// loyalty.ErrNotFound.
func (s *Store) ProgramMade(ctx context.Context, id loyalty.ProgramID) (time.Time, error) {
	return first(s.engine.reader().WithContext(ctx).Table("programs AS p").Select("p.created_at").Where("p.id = ?", uid(id)),
		func(r source) time.Time { return fromMicros(r.number()) })
}

// versionsOf are the rules of all versions of a program.
func versionsOf(db *gorm.DB, program loyalty.ProgramID) (map[int32]loyalty.Rules, error) {
	list, err := parsed(db.Table("program_versions AS v").
		Select("v.program_id, v.version, p.merchant_id, CAST(v.rules AS text)").
		Joins("JOIN programs p ON p.id = v.program_id").Where("v.program_id = ?", uid(program)))
	versions := make(map[int32]loyalty.Rules, len(list))
	for _, v := range list {
		versions[v.Version] = v.Rules
	}
	return versions, err
}

// MerchantNames are what merchants are called.
func (s *Store) MerchantNames(ctx context.Context, ids []loyalty.MerchantID) (map[loyalty.MerchantID]string, error) {
	var rows []merchantRow
	err := s.engine.reader().WithContext(ctx).Where("id IN ?", uids(ids)).Find(&rows).Error
	names := make(map[loyalty.MerchantID]string, len(rows))
	for i := range rows {
		names[loyalty.MerchantID(rows[i].ID)] = rows[i].Name
	}
	return names, translate(err, false)
}

// SettledProgram is a program that a merchant settles: its own, or one that it was
// ever invited to honour. Errors: loyalty.ErrNotFound.
func (s *Store) SettledProgram(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error) {
	return one(allPrograms(s.engine.reader().WithContext(ctx)).Where("p.id = ? AND p.current_version > 0", uid(id)).
		Where("p.merchant_id = ? OR EXISTS (SELECT 1 FROM partners h WHERE h.program_id = p.id AND h.merchant_id = ?)", uid(m), uid(m)))
}
