package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Program is the current version of a merchant's program. Errors:
// loyalty.ErrNotFound.
func (tx *Tx) Program(m loyalty.MerchantID, id loyalty.ProgramID) (*loyalty.Program, error) {
	found, err := currentPrograms(tx.db.Where("p.merchant_id = ? AND p.id = ?", uid(m), uid(id)))
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
	found, err := currentPrograms(s.engine.reader().WithContext(ctx).Where("p.id = ?", uid(id)))
	if err == nil && len(found) == 0 {
		err = loyalty.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Programs are the current versions of a merchant's programs, the oldest first.
func (s *Store) Programs(ctx context.Context, m loyalty.MerchantID) ([]*loyalty.Program, error) {
	return currentPrograms(s.engine.reader().WithContext(ctx).Where("p.merchant_id = ?", uid(m)))
}

func currentPrograms(db *gorm.DB) ([]*loyalty.Program, error) {
	var bad error
	found, err := all(db.Table("programs AS p").
		Select("p.id, p.current_version, p.merchant_id, CAST(v.rules AS text)").
		Joins("JOIN program_versions v ON v.program_id = p.id AND v.version = p.current_version").
		Order("p.id"),
		func(r source) *loyalty.Program {
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
	if err != nil {
		return nil, err
	}
	return found, nil
}
