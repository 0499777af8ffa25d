package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stempel/internal/loyalty"
)

// DetachCard makes a card nobody's and tells whose it was. What is kept beside it
// of that person goes, as when a member is erased: nobody remembers then whose it
// was, so later it could not be erased with the member, and the phones that are
// let in must not see what the next member does. So it goes beside the cards that
// are nobody's and were merged with this one, too. How often the member had each reward
// with it stays with the member, until that is erased: see member_tallies.
//
// A card that was merged is refused while the next card is the same member's: that
// one is meant, and this one can follow it. The cards are locked as posting does.
//
// Errors: *loyalty.Refusal with loyalty.CardNotFound, CardMerged, or MemberNotFound
// for a card without one; what answer returns; as of Once.
func (s *Store) DetachCard(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, card loyalty.CardID, now time.Time, answer func(loyalty.Attachment) (loyalty.Answer, error)) (loyalty.Answer, error) {
	told, err := s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		was, beside, err := tx.lockDetached(m, card)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.exec(keepDetached, uid(card)); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.exec("DELETE FROM card_members WHERE card_id = ?", uid(card)); err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.belong([]loyalty.CardID{card}); err != nil {
			return loyalty.Answer{}, err
		}
		for _, id := range beside {
			if err := tx.eraseBeside(id, now); err != nil {
				return loyalty.Answer{}, err
			}
		}
		return withCard(answer, was)
	})
	if err != nil {
		return loyalty.Answer{}, err
	}
	_ = s.engine.wipe(ctx, true) // it is done; Prune wipes what cannot be wiped now
	return told, nil
}

// lockDetached locks a card that can be detached, and those beside which is kept
// what goes with it. What was merged before all were locked is seen the next time.
func (tx *Tx) lockDetached(m loyalty.MerchantID, card loyalty.CardID) (was loyalty.Attachment, cards []loyalty.CardID, err error) {
	if _, err := lineOf(tx.db, m, card); err != nil {
		return was, nil, orRefuse(err, errNoCard)
	}
	if cards, err = tx.detachedWith(card); err != nil {
		return was, nil, err
	}
	if err := tx.lockCards(cards); err != nil {
		return was, nil, err
	}
	found, err := tx.lockCard(m, card)
	if err != nil {
		return was, nil, err
	}
	if was, err = attachment(tx.db.Clauses(locked), card); err != nil {
		return was, nil, orRefuse(err, errNoMember)
	}
	if err := tx.endsWith(&found, was.Member); err != nil {
		return was, nil, err
	}
	now, err := tx.detachedWith(card)
	if err == nil && !slices.Equal(cards, now) {
		err = fmt.Errorf("%w: a card was attached, detached or merged meanwhile", errAgain)
	}
	return was, cards, err
}

// detachedWith are a card and those that are nobody's and were merged with it, in
// the order in which they are locked.
func (tx *Tx) detachedWith(card loyalty.CardID) ([]loyalty.CardID, error) {
	cards, err := mergedBeside(tx.db, []loyalty.CardID{card})
	cards = append(cards, card)
	slices.SortFunc(cards, loyalty.CardID.Compare)
	return cards, err
}

// endsWith holds that a member does not go on with another card after this one.
// Errors: *loyalty.Refusal with loyalty.CardMerged.
func (tx *Tx) endsWith(card *loyalty.Card, member loyalty.MemberID) error {
	if card.MergedInto.IsZero() {
		return nil
	}
	next, err := attachment(tx.db, card.MergedInto)
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		return nil
	case err != nil:
		return err
	case next.Member == member:
		return loyalty.CheckMerged(card)
	}
	return nil
}
