package store

import (
	"context"

	"stempel/internal/loyalty"
)

// resealed is how many rows are brought under other keys in one transaction.
const resealed = 200

// Reseal goes through all members and consents of all merchants, in the order of
// ids and in small transactions, and writes those that a callback says it has
// changed. What was done stays done after an error, and is cheap to go through
// again. It returns how many rows were written.
func (s *Store) Reseal(ctx context.Context, member func(*loyalty.Member) (bool, error), consent func(loyalty.MerchantID, *loyalty.Consent) (bool, error)) (int64, error) {
	members, err := walk(ctx, s, func(tx *Tx, after uid) (last uid, read int, written int64, err error) {
		return tx.resealMembers(after, member)
	})
	if err != nil {
		return members, err
	}
	consents, err := walk(ctx, s, func(tx *Tx, after uid) (last uid, read int, written int64, err error) {
		return tx.resealConsents(after, consent)
	})
	return members + consents, err
}

// ResealWebhooks is Reseal for the secrets of all webhooks.
func (s *Store) ResealWebhooks(ctx context.Context, webhook func(*loyalty.Webhook) (bool, error)) (int64, error) {
	return walk(ctx, s, func(tx *Tx, after uid) (last uid, read int, written int64, err error) {
		return tx.resealWebhooks(after, webhook)
	})
}

// walk calls step in a transaction each until one has read less than it might.
func walk(ctx context.Context, s *Store, step func(*Tx, uid) (last uid, read int, written int64, err error)) (int64, error) {
	var total int64
	var last uid
	for {
		var read int
		var written int64
		next := last
		err := again(func() error {
			return s.engine.within(ctx, func(tx *Tx) (err error) {
				next, read, written, err = step(tx, last)
				return err
			})
		})
		if err != nil {
			return total, err
		}
		total, last = total+written, next
		if read < resealed {
			return total, nil
		}
	}
}

func (tx *Tx) resealMembers(after uid, reseal func(*loyalty.Member) (bool, error)) (last uid, read int, written int64, err error) {
	query := tx.db.Clauses(locked).Table("members AS m").Select(memberColumns).Where("m.merged_into IS NULL")
	if after != (uid{}) {
		query = query.Where("m.id > ?", after)
	}
	list, err := all(query.Order("m.id").Limit(resealed), onlyMember)
	if err != nil || len(list) == 0 {
		return after, 0, 0, err
	}
	indexes, err := tx.indexesOf(list)
	if err != nil {
		return after, 0, 0, err
	}
	for i := range list {
		list[i].Indexes = indexes[list[i].ID]
		changed, err := reseal(&list[i])
		if err == nil && changed {
			written++
			err = tx.saveMember(&list[i])
		}
		if err != nil {
			return after, 0, 0, err
		}
	}
	return uid(list[len(list)-1].ID), len(list), written, nil
}

func (tx *Tx) indexesOf(members []loyalty.Member) (map[loyalty.MemberID][]loyalty.Hash, error) {
	ids := make([]uid, len(members))
	for i := range members {
		ids[i] = uid(members[i].ID)
	}
	found := map[loyalty.MemberID][]loyalty.Hash{}
	_, err := all(tx.db.Table("contacts AS c").Select("c.member_id, c.blind_index").Where("c.member_id IN ?", ids),
		func(r source) struct{} {
			id := loyalty.MemberID(r.id())
			found[id] = append(found[id], r.hash())
			return struct{}{}
		})
	return found, err
}

func (tx *Tx) resealConsents(after uid, reseal func(loyalty.MerchantID, *loyalty.Consent) (bool, error)) (last uid, read int, written int64, err error) {
	type owned struct {
		loyalty.Consent
		merchant loyalty.MerchantID
	}
	query := tx.db.Clauses(locked).Table("consents AS c").
		Select(consentColumns + ", (SELECT m.merchant_id FROM members m WHERE m.id = c.member_id)")
	if after != (uid{}) {
		query = query.Where("c.id > ?", after)
	}
	list, err := all(query.Order("c.id").Limit(resealed), func(r source) owned { return owned{getConsent(r), r.id()} })
	if err != nil || len(list) == 0 {
		return after, 0, 0, err
	}
	for i := range list {
		changed, err := reseal(list[i].merchant, &list[i].Consent)
		if err == nil && changed {
			written++
			err = tx.exec("UPDATE consents SET shown = ? WHERE id = ?", list[i].Sealed, uid(list[i].ID))
		}
		if err != nil {
			return after, 0, 0, err
		}
	}
	return uid(list[len(list)-1].ID), len(list), written, nil
}

func (tx *Tx) resealWebhooks(after uid, reseal func(*loyalty.Webhook) (bool, error)) (last uid, read int, written int64, err error) {
	query := tx.db.Clauses(locked).Table("webhooks AS w").Select(selected("w", webhookColumns))
	if after != (uid{}) {
		query = query.Where("w.id > ?", after)
	}
	list, err := all(query.Order("w.id").Limit(resealed), getWebhook)
	if err != nil || len(list) == 0 {
		return after, 0, 0, err
	}
	for i := range list {
		changed, err := reseal(&list[i])
		if err == nil && changed {
			written++
			err = tx.exec("UPDATE webhooks SET secret = ?, previous = ?, previous_until = ? WHERE id = ?",
				list[i].Secret, list[i].Previous, micros(list[i].PreviousUntil), uid(list[i].ID))
		}
		if err != nil {
			return after, 0, 0, err
		}
	}
	return uid(list[len(list)-1].ID), len(list), written, nil
}

// ResealAgreements is Reseal for the keys of all rosters.
func (s *Store) ResealAgreements(ctx context.Context, agreement func(*loyalty.Agreement) (bool, error)) (int64, error) {
	return walk(ctx, s, func(tx *Tx, after uid) (last uid, read int, written int64, err error) {
		return tx.resealAgreements(after, agreement)
	})
}

func (tx *Tx) resealAgreements(after uid, reseal func(*loyalty.Agreement) (bool, error)) (last uid, read int, written int64, err error) {
	query := tx.db.Clauses(locked).Table("agreements AS g").Select(agreementColumns)
	if after != (uid{}) {
		query = query.Where("g.id > ?", after)
	}
	list, err := all(query.Order("g.id").Limit(resealed), getAgreement)
	if err != nil || len(list) == 0 {
		return after, 0, 0, err
	}
	for i := range list {
		changed, err := reseal(&list[i])
		if err == nil && changed {
			written++
			err = tx.exec("UPDATE agreements SET roster_key = ? WHERE id = ?", list[i].RosterKey, uid(list[i].ID))
		}
		if err != nil {
			return after, 0, 0, err
		}
	}
	return uid(list[len(list)-1].ID), len(list), written, nil
}
