package store

import (
	"context"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// CreditedOn are the newest purchases that a card was credited for or had a discount
// taken off, those of a merchant alone: all of a card of its own, of another's what its tills posted.
func (s *Store) CreditedOn(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, limit int) ([]loyalty.CreditedPurchase, error) {
	return s.credited(ctx, m, func(db *gorm.DB) *gorm.DB {
		return db.Where("e.card_id = ?", uid(card)).Order("e.seq DESC").Limit(limit)
	})
}

// CreditedFor are the entries of a purchase by its keys: for each program one that
// credited it, and one that took a discount off.
func (s *Store) CreditedFor(ctx context.Context, m loyalty.MerchantID, purchase []loyalty.PurchaseKey, limit int) ([]loyalty.CreditedPurchase, error) {
	return s.credited(ctx, m, func(db *gorm.DB) *gorm.DB {
		return db.Where("p.key IN ?", uids(purchase)).Order("e.id DESC").Limit(limit)
	})
}

// credited reads earns and grants with their purchases, and what of them was refunded. Nothing is
// locked: what is refunded meanwhile is Decide's to see.
func (s *Store) credited(ctx context.Context, m loyalty.MerchantID, which func(*gorm.DB) *gorm.DB) ([]loyalty.CreditedPurchase, error) {
	query := s.engine.reader().WithContext(ctx).Table("purchases AS p").Select(selected("e", entryColumns)+", d.salt, d.body").
		Joins("JOIN entries e ON e.id = p.entry_id").Joins("LEFT JOIN details d ON d.entry_id = e.id").
		Where("e.kind IN ? AND (e.merchant_id = ? OR e.operator_id = ?)", []int64{int64(loyalty.Earn), int64(loyalty.Grant)}, uid(m), uid(m))
	rows, err := all(which(query), getDetailedEntry)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var keys loyalty.Keys
	for i := range rows {
		keys.Origins = append(keys.Origins, rows[i].ID)
	}
	facts, err := s.facts(ctx, &keys)
	if err != nil {
		return nil, err
	}
	var list []loyalty.CreditedPurchase
	for i := range rows {
		origin := facts.Origins[rows[i].ID]
		if c, ok := origin.Credited(loyalty.Detail{Salt: rows[i].Salt, Body: rows[i].Detail}); ok {
			list = append(list, c)
		}
	}
	return list, nil
}

// Foretell reads what posting a command would look at, and locks nothing.
func (s *Store) Foretell(ctx context.Context, c *loyalty.Command) (*loyalty.Facts, error) {
	var keys loyalty.Keys
	keys.Add(c)
	return s.facts(ctx, &keys)
}
