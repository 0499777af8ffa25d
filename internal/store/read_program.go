package store

import (
	"context"
	"math"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Program is the current version of a merchant's program. Errors:
// loyalty.ErrNotFound, also where none was published yet.
func (tx *Tx) Program(m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error) {
	return one(programsOf(tx.db, m).Where("p.id = ? AND p.current_version > 0", uid(id)))
}

// Program is the current version of a merchant's program; of one that was never
// published the draft, as version 0. Errors: loyalty.ErrNotFound.
func (s *Store) Program(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error) {
	return one(programsOf(s.engine.reader().WithContext(ctx), m).Where("p.id = ?", uid(id)))
}

// Programs are all of a merchant's programs as Program shows them, archived ones
// too, the oldest first.
func (s *Store) Programs(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error) {
	return parsed(programsOf(s.engine.reader().WithContext(ctx), m).Order("p.id"))
}

// Versions are what a program was published as: so many below a version, or from
// the current one on for 0; the newest first. Errors: loyalty.ErrNotFound.
func (s *Store) Versions(ctx context.Context, m loyalty.MerchantID, id loyalty.ProgramID, before int32, limit int) ([]loyalty.Published, error) {
	if _, err := s.Program(ctx, m, id); err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt32
	}
	var bad error
	versions, err := all(s.engine.reader().WithContext(ctx).Table("program_versions AS v").
		Select("v.version, CAST(v.rules AS text), v.created_at").
		Where("v.program_id = ? AND v.version < ?", uid(id), before).Order("v.version DESC").Limit(limit),
		func(r source) loyalty.Published {
			p, err := parseProgram(programVersion{id, int32(r.number())}, m, r.bytes())
			if err != nil {
				bad = err
				return loyalty.Published{}
			}
			return loyalty.Published{Program: *p, At: fromMicros(r.number())}
		})
	if err == nil {
		err = bad
	}
	return versions, err
}

// programsOf is the query for a merchant's programs.
func programsOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return allPrograms(db).Where("p.merchant_id = ?", uid(m))
}

// draftsOf is the query for what a merchant's programs may become.
func draftsOf(db *gorm.DB, m loyalty.MerchantID) *gorm.DB {
	return db.Table("program_drafts AS d").
		Select("p.id, p.current_version, p.merchant_id, CAST(d.rules AS text)").
		Joins("JOIN programs p ON p.id = d.program_id").Where("p.merchant_id = ?", uid(m))
}

func allPrograms(db *gorm.DB) *gorm.DB {
	return db.Table("programs AS p").
		Select("p.id, p.current_version, p.merchant_id, CAST(COALESCE(v.rules, d.rules) AS text)").
		Joins("LEFT JOIN program_versions v ON v.program_id = p.id AND v.version = p.current_version").
		Joins("LEFT JOIN program_drafts d ON d.program_id = p.id")
}

func one(query *gorm.DB) (*loyalty.Program, error) {
	found, err := parsed(query)
	if err == nil && len(found) == 0 {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// ProgramByID is the current version of a program, whoever it belongs to: for
// whoever runs the server. Errors: loyalty.ErrNotFound.
func (s *Store) ProgramByID(ctx context.Context, id loyalty.ProgramID) (*loyalty.Program, error) {
	return one(allPrograms(s.engine.reader().WithContext(ctx)).Where("p.id = ? AND p.current_version > 0", uid(id)))
}

func parsed(query *gorm.DB) ([]*loyalty.Program, error) {
	var bad error
	found, err := all(query, func(r source) *loyalty.Program {
		version := programVersion{r.id(), int32(r.number())}
		p, err := parseProgram(version, r.id(), r.bytes())
		if err != nil {
			bad = err
		}
		return p
	})
	if err == nil {
		err = bad
	}
	return found, err
}
