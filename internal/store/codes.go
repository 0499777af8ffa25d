package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"stempel/internal/loyalty"
)

// RenderCodes makes the answer of an import: which of its codes, by their place in
// the batch, were in the pool already, and how the pool stands afterwards. It may be
// called again after a rollback.
type RenderCodes = func(there []int, pool *loyalty.CodePool) (loyalty.Answer, error)

// ImportCodes puts the codes of a batch into the pool of a reward, all at once. What
// was ever in it, handed out or not, stays as it is.
//
// Errors: loyalty.ErrNotFound for no such reward; a *loyalty.Refusal with
// loyalty.ActionNotOffered where it is no code, and with loyalty.PoolFull; what
// render returns; as of Once.
func (s *Store) ImportCodes(ctx context.Context, r loyalty.Answer, b *loyalty.CodeBatch, now time.Time, render RenderCodes) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		reward, err := rewardOf(tx.db, b.Merchant, b.Reward)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if reward.Kind != loyalty.PartnerCode {
			return loyalty.Answer{}, loyalty.RefuseNoPool()
		}
		if err := tx.lockPool(b.Merchant, b.Reward); err != nil {
			return loyalty.Answer{}, err
		}
		there, err := tx.codesThere(b)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.insertCodes(b, there); err != nil {
			return loyalty.Answer{}, err
		}
		pool, err := codePool(tx.db, b.Merchant, b.Reward, now)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if pool.Free > loyalty.MaxPool {
			return loyalty.Answer{}, loyalty.RefusePoolFull()
		}
		return render(there, pool)
	})
}

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

// codesThere are the places in a batch of codes that the pool has, or had.
func (tx *Tx) codesThere(b *loyalty.CodeBatch) ([]int, error) {
	known := map[loyalty.Hash]bool{}
	for i := range b.Codes {
		known[b.Codes[i].Fingerprint] = false
		for _, former := range b.Codes[i].Former {
			known[former] = false
		}
	}
	asked := make([]loyalty.Hash, 0, len(known))
	for fingerprint := range known {
		asked = append(asked, fingerprint)
	}
	for part := range slices.Chunk(asked, keysAtOnce) {
		found, err := all(tx.db.Table("codes AS c").Select("c.fingerprint").
			Where("c.reward_id = ? AND c.fingerprint IN ?", uid(b.Reward), hashes(part)), func(r source) loyalty.Hash { return r.hash() })
		if err != nil {
			return nil, err
		}
		for _, fingerprint := range found {
			known[fingerprint] = true
		}
	}
	there := []int{}
	for i := range b.Codes {
		if known[b.Codes[i].Fingerprint] || slices.ContainsFunc(b.Codes[i].Former, func(h loyalty.Hash) bool { return known[h] }) {
			there = append(there, i)
		}
	}
	return there, nil
}

// insertCodes stores a batch but for the places given, in the order in which it came.
func (tx *Tx) insertCodes(b *loyalty.CodeBatch, but []int) error {
	fresh := make([]loyalty.GiftCode, 0, len(b.Codes)-len(but))
	for i := range b.Codes {
		if len(but) > 0 && but[0] == i {
			but = but[1:]
			continue
		}
		fresh = append(fresh, b.Codes[i].GiftCode)
	}
	return tx.load(func(to changes) error {
		w := writing{ctx: tx.db.Statement.Context, to: to}
		add(&w, insertCodes, fresh, putNewCode)
		return w.err
	})
}

// codeCounts are the columns of CodeCounts for a time, twice given.
const codeCounts = "count(CASE WHEN c.state = 0 AND c.expires_at > ? THEN 1 END), count(CASE WHEN c.state = 1 THEN 1 END), " +
	"count(CASE WHEN c.state = 2 THEN 1 END), count(CASE WHEN c.state = 0 AND c.expires_at <= ? THEN 1 END)"

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
	counts, err := all(db.Table("codes AS c").Select(codeCounts, micros(now), micros(now)).Where("c.reward_id = ?", uid(id)), getCodeCounts)
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
		Where("c.reward_id = ? AND c.merchant_id = ?", uid(id), uid(m)).Group("c.import_id")
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
		const whose = " FROM codes WHERE reward_id = ? AND import_id = ? AND merchant_id = ?"
		var known int64
		if _, err := scalars(tx.db.Raw("SELECT count(*)"+whose, uid(id), uid(which), uid(m)), &known); err != nil {
			return loyalty.Answer{}, err
		}
		if known == 0 {
			return loyalty.Answer{}, loyalty.ErrNotFound
		}
		done := tx.db.Exec("DELETE"+whose+" AND state = 0", uid(id), uid(which), uid(m))
		if done.Error != nil {
			return loyalty.Answer{}, translate(done.Error, false)
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
