package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

const rosterColumns = "agreement_id uuid, who bytea"

var insertRoster = insertion("rosters", rosterColumns).or(" ON CONFLICT (agreement_id, who) DO NOTHING")

// PutRoster makes whoever the hashes stand for, each given once, the roster of an
// agreement, or adds them to it. Whoever belongs to the agreement by what is on it no
// more does so no longer, at tills from the next scan on. render gets the agreement as
// it is then, and how many have gone; it may be called again after a rollback.
//
// Errors: a *loyalty.Refusal with loyalty.AgreementNotFound; what render returns; as of
// Once.
func (s *Store) PutRoster(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.AgreementID, who []loyalty.Hash, add bool, now time.Time, render func(a *loyalty.Agreement, gone int) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		seen, err := first(agreementsOf(tx.db, m).Where("g.id = ?", uid(id)), getAgreement)
		if err != nil {
			return loyalty.Answer{}, orRefuse(err, errNoAgreement)
		}
		a, gone := seen, 0
		a.Changed = now
		if add {
			a, err = tx.lockAgreement(m, id)
		} else if gone, err = tx.dismiss(&seen, &a, onList(who)); err == nil {
			err = tx.exec("DELETE FROM rosters WHERE agreement_id = ?", uid(id))
		}
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.enlist(&a, who); err != nil {
			return loyalty.Answer{}, err
		}
		a.ListedAt, a.Changed = now, now
		err = tx.exec("UPDATE agreements SET listed = ?, listed_at = ?, changed_at = ? WHERE id = ?", a.Listed, micros(now), micros(now), uid(id))
		if err != nil {
			return loyalty.Answer{}, err
		}
		return render(&a, gone)
	})
}

// enlist adds to a roster, and counts it.
func (tx *Tx) enlist(a *loyalty.Agreement, who []loyalty.Hash) (err error) {
	who = slices.Clone(who)
	slices.SortFunc(who, func(a, b loyalty.Hash) int { return bytes.Compare(a[:], b[:]) }) // in one order for all
	err = insert(tx, insertRoster, who, func(s sink, h *loyalty.Hash) {
		s.id(a.ID)
		s.bytes(h[:])
	})
	if err != nil {
		return err
	}
	a.Listed, err = first(tx.db.Table("rosters AS o").Select("count(*)").Where("o.agreement_id = ?", uid(a.ID)), number)
	return err
}

func number(r source) int64 { return r.number() }

// dismiss makes customers of those who do not belong to an agreement any more as it is
// to be, with this roster. It locks them, and then the agreement, which must be as it
// was read: who joins has to wait, and whoever was faster is seen the next time. Their cards are marked as of next.Changed.
func (tx *Tx) dismiss(seen, next *loyalty.Agreement, onRoster func(loyalty.Hash) bool) (int, error) {
	gone, err := tx.goneFrom(next, onRoster)
	if err != nil {
		return 0, err
	}
	locked, err := tx.lockMembers(next.Merchant, gone)
	if err != nil {
		return 0, err
	}
	now, err := tx.lockAgreement(seen.Merchant, seen.ID)
	if err != nil {
		return 0, err
	}
	again, err := tx.goneFrom(next, onRoster)
	if err == nil && (!now.Changed.Equal(seen.Changed) || !slices.Equal(gone, again)) {
		err = fmt.Errorf("%w: the agreement has changed, or somebody has joined it meanwhile", errAgain)
	}
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(gone, keysAtOnce) {
		if err := tx.exec("DELETE FROM affiliations WHERE member_id IN ?", uids(part)); err != nil {
			return 0, err
		}
	}
	next.People = now.People - int64(len(gone))
	if err := tx.belong(locked.cards); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(locked.cards, keysAtOnce) { // in order, part by part
		if err := tx.touchMany(uids(part), micros(next.Changed)); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// goneFrom are those who belong to an agreement by an address or number that is not on
// this roster, nor of one of its domains.
func (tx *Tx) goneFrom(a *loyalty.Agreement, onRoster func(loyalty.Hash) bool) (gone []loyalty.MemberID, err error) {
	people, err := tx.proven(a.ID)
	for i := range people {
		if !people[i].Lasts(a, onRoster) {
			gone = append(gone, people[i].Member)
		}
	}
	return gone, err
}

// proven are those who belong to an agreement by an address or number.
func (tx *Tx) proven(a loyalty.AgreementID) ([]loyalty.Affiliation, error) {
	return all(affiliationsOf(tx.db).Where("f.agreement_id = ? AND f.who IS NOT NULL", uid(a)).Order("f.member_id"), getAffiliation)
}

func onList(who []loyalty.Hash) func(loyalty.Hash) bool {
	set := make(map[loyalty.Hash]bool, len(who))
	for _, h := range who {
		set[h] = true
	}
	return func(h loyalty.Hash) bool { return set[h] }
}

// listedOf are those of some hashes that are on a roster.
func listedOf(db *gorm.DB, a loyalty.AgreementID, who []loyalty.Hash) (listed []loyalty.Hash, err error) {
	for part := range slices.Chunk(who, keysAtOnce) {
		found, err := all(db.Table("rosters AS o").Select("o.who").Where("o.agreement_id = ? AND o.who IN ?", uid(a), hashes(part)),
			func(r source) loyalty.Hash { return r.hash() })
		if err != nil {
			return nil, err
		}
		listed = append(listed, found...)
	}
	return listed, nil
}

// OnRoster reports whether somebody is on the roster of an agreement.
func (s *Store) OnRoster(ctx context.Context, a loyalty.AgreementID, who loyalty.Hash) (bool, error) {
	listed, err := listedOf(s.engine.reader().WithContext(ctx), a, []loyalty.Hash{who})
	return len(listed) > 0, err
}
