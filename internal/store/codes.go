package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// lockPool makes the pool of a reward, or waits for those that hand out of it.
func (tx *Tx) lockPool(m loyalty.MerchantID, id loyalty.RewardID) error {
	err := tx.exec("INSERT INTO pools (reward_id, merchant_id) VALUES (?, ?) ON CONFLICT (reward_id) DO NOTHING", uid(id), uid(m))
	if err != nil {
		return err
	}
	_, err = first(tx.db.Clauses(locked).Table("pools AS p").Select("p.reward_id").Where("p.reward_id = ? AND p.merchant_id = ?", uid(id), uid(m)),
		func(r source) loyalty.RewardID { return r.id() })
	return err
}

// codeCounts are the columns of CodeCounts for a time, twice given.
const codeCounts = "count(CASE WHEN c.state = 0 AND c.expires_at > ? THEN 1 END), count(CASE WHEN c.state = 1 THEN 1 END), " +
	"count(CASE WHEN c.state = 2 THEN 1 END), count(CASE WHEN c.state = 0 AND c.expires_at <= ? THEN 1 END)"

// arrived is the condition on codes c of a reward, twice given, that their import is no
// longer on its way.
const arrived = "c.reward_id = ? AND c.import_id NOT IN (SELECT i.import_id FROM code_imports i WHERE i.reward_id = ? AND i.state <> 1)"

func getCodeCounts(r source) loyalty.CodeCounts {
	return loyalty.CodeCounts{Free: r.number(), Taken: r.number(), Spoiled: r.number(), Expired: r.number()}
}

// CodePool is how the pool of a reward stands at now; an empty one where nothing was
// ever imported. Errors: loyalty.ErrNotFound for no such reward.
func (s *Store) CodePool(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID, now time.Time) (*loyalty.CodePool, error) {
	return codePool(s.engine.reader().WithContext(ctx), m, id, now)
}

func codePool(db *gorm.DB, m loyalty.MerchantID, id loyalty.RewardID, now time.Time) (*loyalty.CodePool, error) {
	reward, err := rewardOf(db, m, id)
	if err != nil {
		return nil, err
	}
	pool := &loyalty.CodePool{Reward: *reward}
	counts, err := all(db.Table("codes AS c").Select(codeCounts, micros(now), micros(now)).Where(arrived, uid(id), uid(id)), getCodeCounts)
	if err != nil {
		return nil, err
	}
	pool.CodeCounts = counts[0]
	pool.LowSince, err = lowSince(db, id)
	return pool, err
}

// CodeImports are what is left of the imports into a reward's pool, the newest first,
// from the one after an id on, or from the newest for the zero id.
func (s *Store) CodeImports(ctx context.Context, m loyalty.MerchantID, id loyalty.RewardID, after loyalty.ImportID, limit int, now time.Time) ([]loyalty.CodeImport, error) {
	query := s.engine.reader().WithContext(ctx).Table("codes AS c").
		Select("c.import_id, max(c.imported_at), "+codeCounts, micros(now), micros(now)).
		Where(arrived+" AND c.merchant_id = ?", uid(id), uid(id), uid(m)).Group("c.import_id")
	return page(query, "c.import_id", after, limit, func(r source) loyalty.CodeImport {
		return loyalty.CodeImport{ID: r.id(), Imported: fromMicros(r.number()), CodeCounts: getCodeCounts(r)}
	})
}

// WithdrawCodes takes what nobody has been handed yet of an import out of the pool,
// as if it had never been imported. render is told how many.
//
// Errors: loyalty.ErrNotFound, also for an import of which nothing is left; what
// render returns; as of Once.
func (s *Store) WithdrawCodes(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.RewardID, which loyalty.ImportID, render func(removed int64) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if _, err := rewardOf(tx.db, m, id); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.lockPool(m, id); err != nil {
			return loyalty.Answer{}, err
		}
		const whose = " FROM codes AS c WHERE " + arrived + " AND c.import_id = ? AND c.merchant_id = ?"
		var known int64
		if _, err := scalars(tx.db.Raw("SELECT count(*)"+whose, uid(id), uid(id), uid(which), uid(m)), &known); err != nil {
			return loyalty.Answer{}, err
		}
		if known == 0 {
			return loyalty.Answer{}, loyalty.ErrNotFound
		}
		if err := tx.breakImports(id); err != nil {
			return loyalty.Answer{}, err
		}
		done := tx.db.Exec("DELETE"+whose+" AND c.state = 0", uid(id), uid(id), uid(which), uid(m))
		if done.Error != nil {
			return loyalty.Answer{}, translate(done.Error, false)
		}
		if err := tx.exec("DELETE FROM code_imports WHERE reward_id = ? AND import_id = ?", uid(id), uid(which)); err != nil {
			return loyalty.Answer{}, err
		}
		return render(done.RowsAffected)
	})
}

// GiftCode is one code that was handed out. Errors: loyalty.ErrNotFound, also for
// another merchant's code, and for one that was not handed out.
func (s *Store) GiftCode(ctx context.Context, m loyalty.MerchantID, id loyalty.GiftCodeID) (loyalty.GiftCode, error) {
	return first(codesOf(s.engine.reader().WithContext(ctx)).Where("c.id = ? AND c.merchant_id = ? AND c.state > 0", uid(id), uid(m)), getCode)
}

// GiftCodeAt is one code that a till has handed out, whoever's code it is. Errors:
// loyalty.ErrNotFound, also for what another till has.
func (s *Store) GiftCodeAt(ctx context.Context, till loyalty.TillID, id loyalty.GiftCodeID) (loyalty.GiftCode, error) {
	return first(codesOf(s.engine.reader().WithContext(ctx)).Joins("JOIN entries e ON e.id = c.entry_id").
		Where("c.id = ? AND c.state > 0 AND e.till_id = ?", uid(id), uid(till)), getCode)
}

// CardCodes are the codes that a card was handed and that are good at now, the newest
// first, from the one after a redemption on, or from the newest for the zero id.
func (s *Store) CardCodes(ctx context.Context, m loyalty.MerchantID, card loyalty.CardID, now time.Time, after loyalty.EntryID, limit int) ([]loyalty.GiftCode, error) {
	return page(codesOf(s.engine.reader().WithContext(ctx)).
		Where("c.card_id = ? AND c.merchant_id = ? AND c.state = 1 AND c.expires_at > ?", uid(card), uid(m), micros(now)),
		"c.entry_id", after, limit, getCode)
}

func codesOf(db *gorm.DB) *gorm.DB {
	return db.Table("codes AS c").Select(selected("c", codeColumns))
}

// EachCode calls f with every code that was handed out, in the order of ids, and the
// entry that did: of that only what VerifyCode takes is set, and nothing where it is
// not there. Errors: what f returns; as of reading.
func (s *Store) EachCode(ctx context.Context, f func(*loyalty.GiftCode, *loyalty.Entry) error) error {
	type row struct {
		code  loyalty.GiftCode
		entry loyalty.Entry
	}
	last := uid{}
	for more := true; more; {
		err := s.snapshot(ctx, func(db *gorm.DB) error {
			query := db.Table("codes AS c").
				Select(selected("c", bareCodeColumns) + ", e.id, e.card_id, e.seq, e.kind, e.reward_id, e.operator_id").
				Joins("LEFT JOIN entries e ON e.id = c.entry_id").Where("c.state > 0")
			if last != (uid{}) {
				query = query.Where("c.id > ?", last)
			}
			rows, err := all(query.Order("c.id").Limit(detailPage), func(r source) row {
				return row{
					code: getBareCode(r),
					entry: loyalty.Entry{
						ID: r.id(), Card: r.id(), Seq: r.number(), Kind: loyalty.EntryKind(r.number()), Reward: r.id(), Operator: r.id(),
					},
				}
			})
			for i := range rows {
				last = uid(rows[i].code.ID)
				if err == nil {
					err = f(&rows[i].code, &rows[i].entry)
				}
			}
			more = len(rows) == detailPage
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ResealCodes is Reseal for the codes of all pools.
func (s *Store) ResealCodes(ctx context.Context, code func(*loyalty.GiftCode) (bool, error)) (int64, error) {
	return walk(ctx, s, func(tx *Tx, after uid) (last uid, read int, written int64, err error) {
		return tx.resealCodes(after, code)
	})
}

func (tx *Tx) resealCodes(after uid, reseal func(*loyalty.GiftCode) (bool, error)) (last uid, read int, written int64, err error) {
	query := codesOf(tx.db.Clauses(clause.Locking{Strength: "UPDATE"}))
	if after != (uid{}) {
		query = query.Where("c.id > ?", after)
	}
	list, err := all(query.Order("c.id").Limit(resealed), getCode)
	if err != nil || len(list) == 0 {
		return after, 0, 0, err
	}
	for i := range list {
		changed, err := reseal(&list[i])
		if err == nil && changed {
			written++
			err = tx.exec("UPDATE codes SET sealed = ?, fingerprint = ? WHERE id = ?", list[i].Sealed, list[i].Fingerprint[:], uid(list[i].ID))
		}
		if err != nil {
			return after, 0, 0, err
		}
	}
	return uid(list[len(list)-1].ID), len(list), written, nil
}
