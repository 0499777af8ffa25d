package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// hearsOfPools is the condition on webhooks w that are told of pools that run low.
const hearsOfPools = "w.disabled_at = 0 AND (w.kinds >> 30) & 1 = 1"

// TellLow puts down which webhooks are to be told of a pool that has run low. It may
// be called again after a rollback.
type TellLow = func(*sql.Tx, *loyalty.LowPool, []loyalty.Webhook) error

// LowPools are the pools, of all merchants, in which so few codes are left at now
// that the shop wants to know, in the order of rewards. It notes which those are, and
// lets tell put down whom to tell of a Fresh one, both in one transaction. So each is
// told once until it is filled, whichever process comes first, and whenever one is
// killed. Errors: what tell returns.
func (s *Store) LowPools(ctx context.Context, now time.Time, tell TellLow) ([]loyalty.LowPool, error) {
	reader := s.engine.reader().WithContext(ctx)
	pools, err := all(reader.Table("pools AS p").Select("p.reward_id, p.merchant_id, p.low_since").Order("p.reward_id"),
		func(r source) loyalty.LowPool {
			return loyalty.LowPool{Reward: loyalty.Reward{ID: r.id()}, Merchant: r.id(), Since: fromMicros(r.number())}
		})
	if err != nil {
		return nil, err
	}
	var low []loyalty.LowPool
	for _, p := range pools {
		reward, err := rewardOf(reader, p.Merchant, p.Reward.ID)
		if errors.Is(err, loyalty.ErrNotFound) {
			continue // from the catalogue
		}
		if err != nil {
			return nil, err
		}
		p.Reward = *reward
		if p.Left, err = codesLeft(reader, p.Reward.ID, reward.CodesLow+1, now); err != nil {
			return nil, err
		}
		if p.Reward.Low(p.Left) == p.Since.IsZero() { // not as it was noted
			if err := s.noteLow(ctx, &p, now, tell); err != nil {
				return nil, err
			}
		}
		if !p.Since.IsZero() {
			low = append(low, p)
		}
	}
	return low, nil
}

// noteLow looks again while nobody can hand out of the pool or fill it, and notes what
// it then finds, if nobody has.
func (s *Store) noteLow(ctx context.Context, p *loyalty.LowPool, now time.Time, tell TellLow) error {
	id := p.Reward.ID
	return again(func() error {
		p.Fresh = false
		return s.engine.within(ctx, func(tx *Tx) error {
			err := tx.lockPool(p.Merchant, id)
			if err != nil {
				return err
			}
			if p.Since, err = lowSince(tx.db, id); err != nil {
				return err
			}
			if p.Left, err = codesLeft(tx.db, id, p.Reward.CodesLow+1, now); err != nil {
				return err
			}
			switch isLow := p.Reward.Low(p.Left); {
			case isLow != p.Since.IsZero():
				return nil
			case !isLow:
				p.Since = time.Time{}
				return tx.exec("UPDATE pools SET low_since = 0 WHERE reward_id = ?", uid(id))
			}
			p.Since, p.Fresh = fromMicros(micros(now)), true
			if err := tx.exec("UPDATE pools SET low_since = ? WHERE reward_id = ?", micros(now), uid(id)); err != nil {
				return err
			}
			hooks, err := all(tx.db.Table("webhooks AS w").Select(selected("w", webhookColumns)).
				Where("w.merchant_id = ?", uid(p.Merchant)).Where(hearsOfPools).Order("w.id"), getWebhook)
			if err != nil {
				return err
			}
			return tell(tx.db.Statement.ConnPool.(*sql.Tx), p, hooks)
		})
	})
}

// codesLeft counts codes that can be handed out, up to a bound.
func codesLeft(db *gorm.DB, id loyalty.RewardID, most int64, now time.Time) (n int64, err error) {
	_, err = scalars(db.Raw("SELECT count(*) FROM ("+leftCodes+" LIMIT ?) AS c",
		uid(id), micros(now), most), &n)
	return n, err
}

// leftCodes are the codes of a reward that can be handed out at a time.
const leftCodes = "SELECT 1 FROM code_imports i JOIN codes c ON c.import_id = i.import_id " +
	"WHERE i.reward_id = ? AND i.state = 1 AND c.state = 0 AND c.expires_at > ?"

// lowSince is since when a pool is noted as low; zero for none that is.
func lowSince(db *gorm.DB, id loyalty.RewardID) (time.Time, error) {
	var since int64
	_, err := scalars(db.Raw("SELECT low_since FROM pools WHERE reward_id = ?", uid(id)), &since)
	return fromMicros(since), err
}
