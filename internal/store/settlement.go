package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Settlement is what came of a program's entries that were posted from one moment to
// before another: a share for each merchant, version and kind; and the rule of each
// version. No scan keeps sums for it, and no index: ids sort by time, and it reads
// all from the first moment on, as one settles soon after the last.
func (s *Store) Settlement(ctx context.Context, program loyalty.ProgramID, from, to time.Time) (shares []loyalty.Share, rules map[int32]*loyalty.CoalitionRule, err error) {
	db := s.engine.reader().WithContext(ctx)
	low := idAt(from.Add(-slack))
	shares, err = all(db.Table("entries AS e").
		Select("COALESCE(o.merchant_id, e.merchant_id), COALESCE(o.version, e.version), e.kind, COALESCE(o.kind, 0), "+
			"CAST(SUM(e.units) AS bigint), count(*)").
		Joins("LEFT JOIN entries o ON o.id = e.origin_id AND e.kind IN (?, ?)", int64(loyalty.Void), int64(loyalty.Refund)).
		Where("e.id >= ? AND e.program_id = ? AND e.posted_at >= ? AND e.posted_at < ?",
			low[:], uid(program), micros(from), micros(to)).
		Group("1, 2, 3, 4"), func(r source) loyalty.Share {
		m, version := loyalty.MerchantID(r.id()), int32(r.number())
		kind, of := loyalty.EntryKind(r.number()), loyalty.EntryKind(r.number())
		return loyalty.ShareOf(m, version, kind, of, r.number(), r.number())
	})
	if err == nil {
		rules, err = coalitionRules(db, program)
	}
	return shares, rules, err
}

// ProgramMade is when a program was made: nothing was posted in it before. Errors:
// loyalty.ErrNotFound.
func (s *Store) ProgramMade(ctx context.Context, id loyalty.ProgramID) (time.Time, error) {
	return first(s.engine.reader().WithContext(ctx).Table("programs AS p").Select("p.created_at").Where("p.id = ?", uid(id)),
		func(r source) time.Time { return fromMicros(r.number()) })
}

// coalitionRules are those of all versions of a program.
func coalitionRules(db *gorm.DB, program loyalty.ProgramID) (map[int32]*loyalty.CoalitionRule, error) {
	versions, err := parsed(db.Table("program_versions AS v").
		Select("v.program_id, v.version, p.merchant_id, CAST(v.rules AS text)").
		Joins("JOIN programs p ON p.id = v.program_id").Where("v.program_id = ?", uid(program)))
	rules := make(map[int32]*loyalty.CoalitionRule, len(versions))
	for _, v := range versions {
		rules[v.Version] = v.Coalition
	}
	return rules, err
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
