package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// locked is for rows that the transaction is about to change.
var locked = clause.Locking{Strength: "NO KEY UPDATE"}

// take reads one row of the office. Errors: loyalty.ErrNotFound.
func take[T any](tx *Tx, where string, values ...any) (row T, err error) {
	err = tx.db.Clauses(locked).Where(where, values...).Take(&row).Error
	return row, translate(err, false)
}

func (r *merchantRow) merchant() loyalty.Merchant {
	return loyalty.Merchant{
		ID: loyalty.MerchantID(r.ID), Name: r.Name, Created: fromMicros(r.CreatedAt),
		Limits: loyalty.Limits{
			CardEarnsPerHour: r.CardEarnsPerHour, TillActionsPerMinute: r.TillActionsPerMinute,
			TillActionsPerHour: r.TillActionsPerHour, StaffActionsPerHour: r.StaffActionsPerHour,
		},
	}
}

// Merchant is one tenant. Errors: loyalty.ErrNotFound.
func (s *Store) Merchant(ctx context.Context, id loyalty.MerchantID) (loyalty.Merchant, error) {
	var row merchantRow
	err := s.engine.reader().WithContext(ctx).Where("id = ?", uid(id)).Take(&row).Error
	return row.merchant(), translate(err, false)
}

// Merchants are all tenants, the oldest first.
func (s *Store) Merchants(ctx context.Context) ([]loyalty.Merchant, error) {
	var rows []merchantRow
	err := s.engine.reader().WithContext(ctx).Order("id").Find(&rows).Error
	return listed(rows, (*merchantRow).merchant), translate(err, false)
}

// ChangeMerchant sets a merchant's limits, and renames it, on its cards as well. change gets it as it
// is, edits it and renders the answer; it may be called again after a rollback. Errors:
// loyalty.ErrNotFound; what change returns; as of Once.
func (s *Store) ChangeMerchant(ctx context.Context, r loyalty.Answer, id loyalty.MerchantID, now time.Time, change func(*loyalty.Merchant) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		row, err := take[merchantRow](tx, "id = ?", uid(id))
		if err != nil {
			return loyalty.Answer{}, err
		}
		m := row.merchant()
		answer, err := change(&m)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := affected(tx.db.Model(&merchantRow{}).Where("id = ?", uid(id)).Updates(map[string]any{
			"name": m.Name, "card_earns_per_hour": m.Limits.CardEarnsPerHour, "till_actions_per_minute": m.Limits.TillActionsPerMinute,
			"till_actions_per_hour": m.Limits.TillActionsPerHour, "staff_actions_per_hour": m.Limits.StaffActionsPerHour,
		})); err != nil || m.Name == row.Name {
			return answer, err
		}
		return answer, tx.touchMerchant(id, now)
	})
}

// listed turns rows of the office into what they say.
func listed[Row, T any](rows []Row, read func(*Row) T) []T {
	list := make([]T, len(rows))
	for i := range rows {
		list[i] = read(&rows[i])
	}
	return list
}

// officePage reads a merchant's rows newest first, as page does.
func officePage[Row any](query *gorm.DB, m loyalty.MerchantID, after [16]byte, limit int) (rows []Row, err error) {
	query = query.Where("merchant_id = ?", uid(m))
	if after != ([16]byte{}) {
		query = query.Where("id < ?", uid(after))
	}
	err = query.Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, translate(err, false)
}
