package store

import (
	"context"

	"stempel/internal/loyalty"
)

// TillAccess is what a till's token is checked against. It reads any merchant's
// till: who the asker is follows from it. Errors: loyalty.ErrNotFound, also for a
// till that has no token yet.
func (s *Store) TillAccess(ctx context.Context, id loyalty.TillID) (loyalty.Access, error) {
	query := s.engine.reader().WithContext(ctx).Table("tills AS t").
		Select("t.id, t.merchant_id, t.location_id, t.name, t.readers, t.revoked_at, t.blocked_at, t.pairing, l.zone, t.token_hash, "+
			"m.card_earns_per_hour, m.till_actions_per_minute, m.till_actions_per_hour, m.staff_actions_per_hour").
		Joins("JOIN locations l ON l.id = t.location_id").Joins("JOIN merchants m ON m.id = t.merchant_id").Where("t.id = ?", uid(id))
	var zoneErr error
	access, err := first(query, func(r source) loyalty.Access {
		t := loyalty.Till{ID: r.id(), Merchant: r.id(), Location: r.id(), Name: r.text(), Readers: loyalty.Readers(r.number()), Revoked: r.number() != 0, Blocked: r.number() != 0, Pairing: r.number()}
		t.Zone, zoneErr = zone(r.text())
		return loyalty.Access{
			Merchant: t.Merchant, Hash: r.hash(), Revoked: t.Revoked, Till: t,
			Limits: loyalty.Limits{
				CardEarnsPerHour: r.number(), TillActionsPerMinute: r.number(), TillActionsPerHour: r.number(), StaffActionsPerHour: r.number(),
			},
		}
	})
	switch {
	case err != nil:
	case zoneErr != nil:
		err = zoneErr
	case access.Hash == (loyalty.Hash{}):
		err = loyalty.ErrNotFound
	}
	return access, err
}

// KeyAccess is what an API key's secret is checked against. Errors:
// loyalty.ErrNotFound.
func (s *Store) KeyAccess(ctx context.Context, id loyalty.APIKeyID) (loyalty.Access, error) {
	query := s.engine.reader().WithContext(ctx).Table("api_keys AS k").
		Select("k.id, k.merchant_id, k.scope, k.secret_hash, k.revoked_at, k.former_hash, k.former_until").Where("k.id = ?", uid(id))
	return first(query, func(r source) loyalty.Access {
		return loyalty.Access{
			Key: r.id(), Merchant: r.id(), Scope: loyalty.Scope(r.text()), Hash: r.hash(), Revoked: r.number() != 0,
			Former: r.hash(), FormerUntil: fromMicros(r.number()),
		}
	})
}
