package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// MergeMembers makes one member of two: cards, tags and consents of from become those
// of into, which is what from was if it was a plain customer, and the id of from leads
// there from now on, as their cards may show. merge gets both, with the consents that
// hold then, and makes into what it is from then on; it may be called again after a
// rollback. Of two that are one already, from is nil.
//
// Errors: loyalty.ErrNotFound for whoever is not this merchant's; what merge
// returns; as of Once.
func (s *Store) MergeMembers(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, from, into loyalty.MemberID, merge func(into, from *loyalty.Member, consents []loyalty.Consent) (loyalty.Answer, error)) (loyalty.Answer, error) {
	return s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		if err := tx.lockCardsOf(m, from, into); err != nil {
			return loyalty.Answer{}, err
		}
		old, survivor, err := tx.membersInOrder(m, from, into)
		if err != nil {
			return loyalty.Answer{}, err
		}
		from := &old
		if old.ID == survivor.ID {
			from = nil
		} else if err := tx.redirect(old.ID, survivor.ID); err != nil {
			return loyalty.Answer{}, err
		} else if survivor.Belonging, err = tx.belongTogether(&survivor, &old); err != nil {
			return loyalty.Answer{}, err
		}
		consents, err := currentConsents(tx.db, []loyalty.MemberID{survivor.ID})
		if err != nil {
			return loyalty.Answer{}, err
		}
		answer, err := merge(&survivor, from, consents)
		if err != nil || from == nil {
			return about(answer, survivor.ID), err
		}
		if err := tx.saveMember(&survivor); err != nil {
			return loyalty.Answer{}, err
		}
		return about(answer, survivor.ID), tx.touchMember(survivor.ID, micros(survivor.Changed))
	})
}

// lockCardsOf locks the cards of two members, or of whom they were merged into: cards
// come before members, and before their marks.
func (tx *Tx) lockCardsOf(m loyalty.MerchantID, members ...loyalty.MemberID) error {
	var cards []loyalty.CardID
	for _, id := range members {
		member, err := findMember(func() *gorm.DB { return tx.db }, m, id)
		if err != nil {
			return err
		}
		reached, err := reachOf(tx.db, member.ID)
		if err != nil {
			return err
		}
		cards = append(cards, reached.ids()...)
	}
	return tx.lockCards(cards)
}

// membersInOrder locks two members, or whom they were merged into, in the order
// of their ids.
func (tx *Tx) membersInOrder(m loyalty.MerchantID, a, b loyalty.MemberID) (first, second loyalty.Member, err error) {
	plain := func() *gorm.DB { return tx.db }
	if first, err = findMember(plain, m, a); err != nil {
		return first, second, err
	}
	if second, err = findMember(plain, m, b); err != nil {
		return first, second, err
	}
	seen := [2]loyalty.MemberID{first.ID, second.ID}
	if first.ID.Compare(second.ID) <= 0 {
		if first, err = tx.member(m, first.ID); err == nil {
			second, err = tx.member(m, second.ID)
		}
	} else {
		if second, err = tx.member(m, second.ID); err == nil {
			first, err = tx.member(m, first.ID)
		}
	}
	if err == nil && seen != [2]loyalty.MemberID{first.ID, second.ID} {
		err = fmt.Errorf("%w: a member was merged meanwhile", errAgain)
	}
	return first, second, err
}

// redirect lets everything that names one member name another.
func (tx *Tx) redirect(from, to loyalty.MemberID) error {
	for _, statement := range []string{
		"UPDATE members SET merged_into = ? WHERE merged_into = ?",
		"UPDATE members SET profile = NULL, merged_into = ? WHERE id = ?",
		"UPDATE consents SET member_id = ? WHERE member_id = ?",
		"UPDATE card_members SET member_id = ? WHERE member_id = ?",
		"UPDATE contacts SET member_id = ? WHERE member_id = ?", // saveMember writes them anew
		passMemberTallies,
	} {
		if err := tx.exec(statement, uid(to), uid(from)); err != nil {
			return err
		}
	}
	if err := tx.exec("DELETE FROM member_tallies WHERE member_id = ?", uid(from)); err != nil {
		return err
	}
	return tx.exec(forgetCounted, uid(to))
}
