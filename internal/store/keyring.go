package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// keyringRow is the deployment's only keyring, sealed.
type keyringRow struct {
	ID      int64
	Version int64
	Sealed  []byte
}

func (keyringRow) TableName() string { return "keyring" }

const theKeyring = 1

// LoadKeyring returns the sealed keyring and its version: 0 and nil while there
// is none.
func (s *Store) LoadKeyring(ctx context.Context) (version int64, sealed []byte, err error) {
	var row keyringRow
	err = s.engine.reader().WithContext(ctx).Take(&row, theKeyring).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, translate(err, false)
	}
	return row.Version, row.Sealed, nil
}

// SaveKeyring replaces the keyring if its version still is previous, making the
// version previous+1. It reports false when somebody else was first.
func (s *Store) SaveKeyring(ctx context.Context, previous int64, sealed []byte) (saved bool, err error) {
	row := keyringRow{ID: theKeyring, Version: previous + 1, Sealed: sealed}
	err = s.engine.within(ctx, func(tx *Tx) error {
		var done *gorm.DB
		if previous == 0 {
			done = tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		} else {
			done = tx.db.Model(&row).Where("version = ?", previous).Select("version", "sealed").Updates(&row)
		}
		saved = done.RowsAffected == 1
		return done.Error
	})
	return saved && err == nil, err
}
