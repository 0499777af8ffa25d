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
func (s *Store) Settlement(ctx context.Context, program loyalty.ProgramID, from, to time.Time) (turnovers []loyalty.Turnover, versions map[int32]loyalty.Rules, err error) {
	err = s.snapshot(ctx, func(db *gorm.DB) error {
		low, high := idAt(from.Add(-drift)), idAt(to.Add(drift))
		entries := func(columns, kinds string) ([]loyalty.Turnover, error) {
			return all(db.Table("entries AS e").
				Select(columns+", CAST(SUM(e.units) AS bigint), CAST(COALESCE(SUM(e.discount), 0) AS bigint), count(*)").
				Where("e.id >= ? AND e.id < ? AND e.program_id = ? AND e.posted_at >= ? AND e.posted_at < ?",
					low[:], high[:], uid(program), micros(from), micros(to)).
				Where(kinds).Group("1, 2, 3, 4, 5, 6"), getTurnover)
		}
		done, err := entries(ofEntry, "e.kind NOT IN (6, 10)")
		if err != nil {
			return err
		}
		undone, err := entries(ofOrigin, "e.kind IN (6, 10)")
		if err != nil {
			return err
		}
		turnovers = append(done, undone...)
		versions, err = versionsOf(db, program)
		return err
	})
	return turnovers, versions, err
}

// The columns of a turnover. What an entry takes back is asked for one by one: joined,
// PostgreSQL would read the whole ledger for it.
const (
	ofEntry = "e.merchant_id, e.version, e.kind, " +
		"0 * e.kind, e.reward_id, CASE WHEN e.voucher_id IS NULL THEN 0 ELSE 1 END"
	ofOrigin = "COALESCE((SELECT o.merchant_id FROM entries o WHERE o.id = e.origin_id), e.merchant_id), " +
		"COALESCE((SELECT o.version FROM entries o WHERE o.id = e.origin_id), e.version), e.kind, " +
		"(SELECT o.kind FROM entries o WHERE o.id = e.origin_id), " +
		"(SELECT o.reward_id FROM entries o WHERE o.id = e.origin_id), " +
		"(SELECT CASE WHEN o.voucher_id IS NULL THEN 0 ELSE 1 END FROM entries o WHERE o.id = e.origin_id)"
)

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
