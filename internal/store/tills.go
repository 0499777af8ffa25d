package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

var errNoTill = &loyalty.Refusal{Code: loyalty.TillNotFound, Message: "There is no such till."}

// listing leaves the zone out: it is the location's.
func (r *tillRow) listing() loyalty.TillListing {
	return loyalty.TillListing{
		Till: loyalty.Till{
			ID: loyalty.TillID(r.ID), Merchant: loyalty.MerchantID(r.MerchantID), Location: loyalty.LocationID(r.LocationID),
			Name: r.Name, Readers: loyalty.Readers(r.Readers), Revoked: r.RevokedAt != 0, Blocked: r.BlockedAt != 0, Pairing: r.Pairing,
		},
		HasToken: r.TokenHash != nil, Created: fromMicros(r.CreatedAt), Paired: fromMicros(r.PairedAt), RevokedAt: fromMicros(r.RevokedAt),
		Lease: loyalty.LeaseRule{Redemptions: int32(r.OfflineRedemptions), Hours: int32(r.OfflineHours)}, BlockedAt: fromMicros(r.BlockedAt),
	}
}

// Till is one of a merchant's tills. Errors: a *loyalty.Refusal with
// loyalty.TillNotFound.
func (s *Store) Till(ctx context.Context, m loyalty.MerchantID, id loyalty.TillID) (loyalty.TillListing, error) {
	var row tillRow
	err := s.engine.reader().WithContext(ctx).Where("merchant_id = ? AND id = ?", uid(m), uid(id)).Take(&row).Error
	return row.listing(), refused(err, errNoTill)
}

// Tills are a merchant's tills, newest first, older than after unless that is
// zero; revoked ones only when all are wanted.
func (s *Store) Tills(ctx context.Context, m loyalty.MerchantID, all bool, after loyalty.TillID, limit int) ([]loyalty.TillListing, error) {
	query := s.engine.reader().WithContext(ctx)
	if !all {
		query = query.Where("revoked_at = 0")
	}
	rows, err := officePage[tillRow](query, m, after, limit)
	return listed(rows, (*tillRow).listing), err
}

// AddTill stores a till without a token, and the code that pairs it. Errors: a
// *loyalty.Refusal with loyalty.LocationNotFound; as of Once.
func (s *Store) AddTill(ctx context.Context, answer loyalty.Answer, t loyalty.Till, p loyalty.Pairing, now time.Time) (loyalty.Answer, error) {
	return s.Once(ctx, answer, func(tx *Tx) (loyalty.Answer, error) {
		row := tillRow{
			ID: uid(t.ID), MerchantID: uid(t.Merchant), LocationID: uid(t.Location), Name: t.Name, Readers: int64(t.Readers), CreatedAt: micros(now),
			OfflineRedemptions: int64(loyalty.DefaultLease.Redemptions), OfflineHours: int64(loyalty.DefaultLease.Hours),
		}
		if err := refused(tx.create(&row), errNoLocation); err != nil {
			return loyalty.Answer{}, err
		}
		return answer, tx.create(&pairingRow{TillID: uid(p.Till), CodeHash: p.Code[:], ExpiresAt: micros(p.Expires)})
	})
}

// ChangeTill changes name, location, readers, lease and BlockedAt; change is as of ChangeMerchant. Errors: a
// *loyalty.Refusal with loyalty.TillNotFound or loyalty.LocationNotFound; what
// change returns; as of Once.
func (s *Store) ChangeTill(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TillID, change func(*loyalty.TillListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		t, err := tx.till(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := change(&t)
		if err != nil {
			return loyalty.Answer{}, err
		}
		done := tx.db.Model(&tillRow{}).Where("id = ?", uid(id)).
			Updates(map[string]any{
				"name": t.Name, "location_id": uid(t.Location), "readers": int64(t.Readers),
				"offline_redemptions": t.Lease.Redemptions, "offline_hours": t.Lease.Hours, "blocked_at": micros(t.BlockedAt),
			})
		return answer, refused(done.Error, errNoLocation)
	})
}

// RevokeTill unpairs a till and closes its open pairing code; its next request is
// refused. A till revoked before stays as it was. Of the claim codes that it gave
// out, the lost ones are withdrawn. render gets the till as it then is. Errors: a *loyalty.Refusal with loyalty.TillNotFound; what render returns; as
// of Once.
func (s *Store) RevokeTill(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.TillID, now time.Time, lost loyalty.LostClaims, render func(*loyalty.TillListing) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.RevokeTill(m, id, now); err != nil {
			return loyalty.Answer{}, refused(err, errNoTill)
		}
		if err := tx.withdrawClaims(id, now, lost); err != nil {
			return loyalty.Answer{}, err
		}
		t, err := tx.till(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&t)
	})
}

// RevokeTill unpairs a till and closes its open pairing code; its next request is
// refused. A till revoked before stays as it was. Errors: loyalty.ErrNotFound.
func (tx *Tx) RevokeTill(m loyalty.MerchantID, t loyalty.TillID, now time.Time) error {
	err := affected(tx.db.Model(&tillRow{}).Where("id = ? AND merchant_id = ?", uid(t), uid(m)).
		Update("revoked_at", gorm.Expr("CASE revoked_at WHEN 0 THEN ? ELSE revoked_at END", micros(now))))
	if err != nil {
		return err
	}
	return translate(tx.db.Where("till_id = ?", uid(t)).Delete(&pairingRow{}).Error, false)
}

// withdrawClaims takes back what a till gave out and nobody has claimed.
func (tx *Tx) withdrawClaims(till loyalty.TillID, now time.Time, lost loyalty.LostClaims) error {
	if lost.Keep {
		return nil
	}
	return tx.exec(`UPDATE claims SET withdrawn_at = ?, purchase = NULL
		WHERE till_id = ? AND issued_at >= ? AND expires_at > ? AND claimed_at = 0 AND withdrawn_at = 0`,
		micros(now), uid(till), micros(lost.Since), micros(now))
}

func (tx *Tx) till(m loyalty.MerchantID, id loyalty.TillID) (loyalty.TillListing, error) {
	row, err := take[tillRow](tx, "merchant_id = ? AND id = ?", uid(m), uid(id))
	return row.listing(), refused(err, errNoTill)
}
