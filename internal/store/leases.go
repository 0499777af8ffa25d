package store

import (
	"context"
	"errors"
	"time"

	"stempel/internal/loyalty"
)

var (
	insertLeases = insertion("leases", leaseColumns)

	errNoLease = &loyalty.Refusal{
		Code:    loyalty.LeaseNotAllowed,
		Message: "This till may not hand out rewards without a network. The owner can allow it in the till's settings.",
	}
)

// TakeLease gives a till the lease that its rule allows now: see loyalty.LeaseRule.
// Errors: a *loyalty.Refusal with loyalty.LeaseNotAllowed or loyalty.TillNotFound; as
// of Once.
func (s *Store) TakeLease(ctx context.Context, m loyalty.MerchantID, till loyalty.TillID, now time.Time) (lease loyalty.Lease, err error) {
	_, err = s.Once(ctx, loyalty.Answer{}, func(tx *Tx) (loyalty.Answer, error) {
		// The till's row is what two who ask at the same time wait for.
		row, err := first(tx.db.Clauses(locked).Table("tills AS t").Select("t.offline_redemptions, t.offline_hours").
			Where("t.id = ? AND t.merchant_id = ?", uid(till), uid(m)), func(r source) loyalty.LeaseRule {
			return loyalty.LeaseRule{Redemptions: int32(r.number()), Hours: int32(r.number())}
		})
		if err != nil {
			return loyalty.Answer{}, refused(err, errNoTill)
		}
		last, err := first(tx.db.Clauses(locked).Table("leases AS l").Select(selected("l", leaseColumns)).
			Where("l.till_id = ?", uid(till)).Order("l.id DESC"), getLease)
		if errors.Is(err, loyalty.ErrNotFound) {
			last, err = loyalty.Lease{}, nil
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		last.Merchant, last.Till = m, till
		allowed := false
		if lease, allowed = row.Next(last, loyalty.NewID(), now); !allowed {
			return loyalty.Answer{}, errNoLease
		}
		if lease.ID != last.ID {
			return loyalty.Answer{}, insert(tx, insertLeases, []loyalty.Lease{lease}, putLease)
		}
		return loyalty.Answer{}, tx.exec("UPDATE leases SET redemptions = ?, expires_at = ? WHERE id = ?",
			lease.Redemptions, micros(lease.Expires), uid(lease.ID))
	})
	return lease, err
}
