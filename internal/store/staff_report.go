package store

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

const mostRepeats = 100

// work sums what an entry is into the columns of a loyalty.StaffWork. Whose entry a
// void takes back is looked up for voids alone.
const work = `e.staff_id,
	SUM(CASE WHEN e.kind = 1 THEN 1 ELSE 0 END),
	CAST(SUM(CASE WHEN e.kind = 1 THEN e.units ELSE 0 END) AS bigint),
	SUM(CASE WHEN e.kind = 3 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind = 4 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind = 10 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind = 7 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind IN (1, 3, 4) AND e.method = 3 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind IN (1, 3, 4) AND e.method = 7 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind = 6 THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.kind = 6 AND (SELECT o.till_id FROM entries o WHERE o.id = e.origin_id) = e.till_id THEN 1 ELSE 0 END),
	SUM(CASE WHEN e.lifted <> 0 THEN 1 ELSE 0 END)`

// StaffReport says what was done at a merchant's tills from a time to another, that
// one excluded, by person. It looks at so many entries of the whole house at most,
// the newest.
func (s *Store) StaffReport(ctx context.Context, m loyalty.MerchantID, from, to time.Time, most int) (*loyalty.StaffReport, error) {
	db := s.engine.reader().WithContext(ctx)
	report := &loyalty.StaffReport{From: from, To: to}
	first, err := firstOfReport(db, report, most)
	if err != nil {
		return nil, err
	}
	entries := func() *gorm.DB {
		_, before := bounds(&loyalty.EntryFilter{To: to}, loyalty.EntryID{})
		return db.Table("entries AS e").Where("e.id >= ? AND e.id < ?", first[:], before[:]).
			Where("e.merchant_id = ? AND e.till_id IS NOT NULL AND e.posted_at >= ? AND e.posted_at < ?", uid(m), micros(report.From), micros(to))
	}
	if report.People, err = all(entries().Select(work).Group("e.staff_id"), getWork); err != nil {
		return nil, err
	}
	report.Repeats, err = all(entries().Select("e.card_id, e.till_id, e.staff_id, COUNT(*)").
		Where("e.kind = 1 AND e.method IN (3, 7, 9)").Group("e.card_id, e.till_id, e.staff_id").
		Having("COUNT(*) >= ?", loyalty.ManyEarns).Order("COUNT(*) DESC, e.card_id").Limit(mostRepeats), getRepeat)
	if err != nil {
		return nil, err
	}
	if err := addPeople(db, m, report); err != nil {
		return nil, err
	}
	return report, patterns(db, m, report, entries)
}

// firstOfReport is the first entry's least id; where there are more than are looked
// at, the report begins later.
func firstOfReport(db *gorm.DB, r *loyalty.StaffReport, most int) (loyalty.EntryID, error) {
	from, before := bounds(&loyalty.EntryFilter{From: r.From, To: r.To}, loyalty.EntryID{})
	last, err := first(db.Table("entries AS e").Select("e.id").
		Where("e.id >= ? AND e.id < ?", from[:], before[:]).Order("e.id DESC").Offset(most),
		func(r source) loyalty.EntryID { return r.id() })
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		return from, nil
	case err != nil:
		return from, err
	}
	begins := time.UnixMilli(int64(binary.BigEndian.Uint64(last[:8])>>16) + 1).UTC()
	if begins.After(r.From) {
		r.From = begins
	}
	return idAt(begins), nil
}

func getWork(r source) loyalty.StaffWork {
	w := loyalty.StaffWork{
		Staff: loyalty.Staff{ID: r.id()}, Earns: r.number(), Units: r.number(), Redemptions: r.number(),
		Grants: r.number(), Refunds: r.number(), Adjustments: r.number(), Static: r.number(), Manual: r.number(),
	}
	voids := r.number()
	w.VoidsOwn = r.number()
	w.VoidsOthers = voids - w.VoidsOwn
	w.Overrides = r.number()
	return w
}

func getRepeat(r source) loyalty.Repeat {
	return loyalty.Repeat{Card: r.id(), Till: r.id(), Staff: r.id(), Times: r.number()}
}

// addPeople adds who they are, and whom else they looked up, in the order of ids.
func addPeople(db *gorm.DB, m loyalty.MerchantID, report *loyalty.StaffReport) error {
	type looked struct {
		staff loyalty.StaffID
		times int64
	}
	lookups, err := all(db.Table("lookups AS l").Select("l.staff_id, COUNT(*)").
		Where("l.merchant_id = ? AND l.at >= ? AND l.at < ?", uid(m), micros(report.From), micros(report.To)).Group("l.staff_id"),
		func(r source) looked { return looked{r.id(), r.number()} })
	if err != nil {
		return err
	}
	var rows []staffRow
	if err := db.Where("merchant_id = ?", uid(m)).Find(&rows).Error; err != nil {
		return translate(err, false)
	}
	of := func(id loyalty.StaffID) *loyalty.StaffWork {
		i := slices.IndexFunc(report.People, func(w loyalty.StaffWork) bool { return w.Staff.ID == id })
		if i < 0 {
			i = len(report.People)
			report.People = append(report.People, loyalty.StaffWork{Staff: loyalty.Staff{ID: id}})
		}
		return &report.People[i]
	}
	for _, l := range lookups {
		of(l.staff).Lookups = l.times
	}
	for i := range rows {
		of(loyalty.StaffID(rows[i].ID)).Staff = rows[i].staff()
	}
	slices.SortFunc(report.People, func(a, b loyalty.StaffWork) int { return a.Staff.ID.Compare(b.Staff.ID) })
	return nil
}
