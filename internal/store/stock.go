package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// RenderShelf makes the answer of a change; it may be called again after a
// rollback.
type RenderShelf = func(*loyalty.Shelf) (loyalty.Answer, error)

// Shelf is a reward of a merchant's current programs or drafts, and its stock.
// Errors: loyalty.ErrNotFound.
func (s *Store) Shelf(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID) (*loyalty.Shelf, error) {
	return shelf(s.engine.reader().WithContext(ctx), m, id)
}

// CountStock sets how many of a reward are left. Where expected is given, that
// many must be left until now: else the tills have gone on handing out.
//
// Errors: loyalty.ErrNotFound; a *loyalty.Refusal with loyalty.StockChanged;
// what render returns; as of Once.
func (s *Store) CountStock(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, left int64, expected *int64, render RenderShelf) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		now, err := shelf(tx.db.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}), m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if expected != nil && (!now.Counted || now.Left != *expected) {
			return loyalty.Answer{}, &loyalty.Refusal{
				Code:    loyalty.StockChanged,
				Message: "The stock has changed since you read it. Read it again, and count anew.",
			}
		}
		now.Counted, now.Left = true, left
		err = tx.db.Exec("INSERT INTO stock (reward_id, remaining) VALUES (?, ?) "+
			"ON CONFLICT (reward_id) DO UPDATE SET remaining = excluded.remaining", uid(id), left).Error
		if err != nil {
			return loyalty.Answer{}, translate(err, false)
		}
		return render(now)
	})
}

// AddStock puts so many more on the shelf, however many are being handed out at
// that moment. Errors: loyalty.ErrNotFound; a *loyalty.FieldError when that is
// more than a shelf holds; what render returns; as of Once.
func (s *Store) AddStock(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, more int64, render RenderShelf) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := shelf(tx.db, m, id); err != nil {
			return loyalty.Answer{}, err
		}
		done := tx.db.Exec("INSERT INTO stock (reward_id, remaining) VALUES (?, ?) "+
			"ON CONFLICT (reward_id) DO UPDATE SET remaining = stock.remaining + excluded.remaining "+
			"WHERE stock.remaining <= ?", uid(id), more, loyalty.MaxUnits-more)
		if done.Error == nil && done.RowsAffected == 0 {
			return loyalty.Answer{}, &loyalty.FieldError{Field: "add", Problem: "is more than a shelf holds"}
		}
		if done.Error != nil {
			return loyalty.Answer{}, translate(done.Error, false)
		}
		now, err := shelf(tx.db, m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(now)
	})
}

// shelf reads a reward and its stock; db may lock the latter.
func shelf(db *gorm.DB, m loyalty.MerchantID, id loyalty.RewardID) (*loyalty.Shelf, error) {
	plain := db.Session(&gorm.Session{NewDB: true})
	reward, err := rewardOf(plain, m, id)
	if err != nil {
		return nil, err
	}
	left, err := first(db.Table("stock").Select("stock.remaining").Where("stock.reward_id = ?", uid(id)),
		func(r source) int64 { return r.number() })
	if errors.Is(err, loyalty.ErrNotFound) {
		return &loyalty.Shelf{Reward: *reward}, nil
	}
	if err != nil {
		return nil, err
	}
	return &loyalty.Shelf{Reward: *reward, Counted: true, Left: left}, nil
}

// rewardOf looks through a merchant's catalogues: current versions, then drafts.
func rewardOf(db *gorm.DB, m loyalty.MerchantID, id loyalty.RewardID) (*loyalty.Reward, error) {
	programs, err := parsed(programsOf(db, m))
	if err != nil {
		return nil, err
	}
	drafts, err := parsed(draftsOf(db, m))
	if err != nil {
		return nil, err
	}
	for _, p := range append(programs, drafts...) {
		if reward, found := p.Reward(id); found {
			return reward, nil
		}
	}
	return nil, loyalty.ErrNotFound
}
