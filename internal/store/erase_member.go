package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// EraseMember deletes a member and all that is kept of the person: contacts,
// consents, ids that were merged, and of the member's cards the details of all
// entries, notes, phones' tokens, and what is in stored answers. Their passes end: see
// erasePasses. The cards stay, with their
// entries and balances, and are nobody's. answer is told how many.
//
// The cards are locked as posting does. What is being posted to one is waited for,
// and erased; what is posted later was decided when the card was nobody's.
//
// Stored answers are found by reading their whole table: an index on it would be
// paid by every scan, and members are erased rarely.
//
// Errors: loyalty.ErrNotFound; what answer returns; as of Once.
func (s *Store) EraseMember(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, now time.Time, answer func(erased loyalty.MemberID, cards int) (loyalty.Answer, error)) (loyalty.Answer, error) {
	told, err := s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		member, reached, err := tx.lockMember(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		if err := tx.erase(member.ID, reached.ids(), now); err != nil {
			return loyalty.Answer{}, err
		}
		return answer(member.ID, len(reached.attached))
	})
	if err != nil {
		return loyalty.Answer{}, err
	}
	_ = s.engine.wipe(ctx, true) // it is done; Prune wipes what cannot be wiped now
	return told, nil
}

// lockMember locks a member's cards, and then the member: merging cards, too, takes
// the cards first. What came or went before all were locked is seen the next time.
func (tx *Tx) lockMember(m loyalty.MerchantID, id loyalty.MemberID) (member loyalty.Member, reached reach, err error) {
	member, err = findMember(func() *gorm.DB { return tx.db }, m, id)
	if err != nil {
		return member, reached, err
	}
	seen, err := reachOf(tx.db, member.ID)
	if err != nil {
		return member, reached, err
	}
	if err := tx.lockCards(seen.ids()); err != nil {
		return member, reached, err
	}
	if member, err = tx.member(m, member.ID); err != nil {
		return member, reached, err
	}
	reached, err = reachOf(tx.db, member.ID)
	if err == nil && !slices.Equal(seen.ids(), reached.ids()) {
		err = fmt.Errorf("%w: a card was attached, detached or merged meanwhile", errAgain)
	}
	return member, reached, err
}

func (tx *Tx) erase(id loyalty.MemberID, cards []loyalty.CardID, now time.Time) error {
	for _, card := range cards {
		if err := tx.eraseBeside(card, now); err != nil {
			return err
		}
	}
	for _, whose := range []string{"card_id = ?", "card_id IN (SELECT id FROM members WHERE merged_into = ?)"} { // see about
		if err := tx.eraseAnswers(whose, loyalty.CardID(id)); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		"DELETE FROM contacts WHERE member_id = ?",
		"DELETE FROM consents WHERE member_id = ?",
		"DELETE FROM card_members WHERE member_id = ?",
		"DELETE FROM member_tallies WHERE member_id = ?",
		"DELETE FROM affiliations WHERE member_id = ?",
		"DELETE FROM members WHERE merged_into = ?",
		"DELETE FROM members WHERE id = ?",
	} {
		if err := tx.exec(statement, uid(id)); err != nil {
			return err
		}
	}
	return tx.belong(cards)
}

// eraseBeside erases what is kept beside one card and its entries.
func (tx *Tx) eraseBeside(card loyalty.CardID, now time.Time) error {
	if err := tx.eraseDetails(card); err != nil {
		return err
	}
	if err := tx.eraseDevices(card); err != nil {
		return err
	}
	if err := tx.eraseContested(card); err != nil {
		return err
	}
	if err := tx.eraseTags(card); err != nil {
		return err
	}
	if err := tx.exec("DELETE FROM approvals WHERE card_id = ?", uid(card)); err != nil {
		return err
	}
	if err := tx.eraseAnswers("card_id = ?", card); err != nil {
		return err
	}
	if err := tx.exec("UPDATE card_changes SET note = '' WHERE card_id = ?", uid(card)); err != nil {
		return err
	}
	if err := tx.exec("UPDATE cards SET choice = NULL WHERE id = ? AND choice IS NOT NULL", uid(card)); err != nil {
		return err
	}
	if err := tx.exec("UPDATE codes SET card_id = NULL WHERE card_id = ?", uid(card)); err != nil {
		return err
	}
	return tx.erasePasses(card, now)
}

// eraseAnswers erases what requests about a card or a member were answered. That they
// were stays: a retry would be done once more, and would store the person anew.
func (tx *Tx) eraseAnswers(where string, about loyalty.CardID) error {
	return tx.exec("UPDATE requests SET status = ?, answer = ? WHERE "+where, loyalty.StatusErased, []byte{}, uid(about))
}

// eraseDevices erases the names and tokens of a card's devices, and ends them. Their
// numbers stay taken: who got one anew would get the secrets of the other along.
func (tx *Tx) eraseDevices(card loyalty.CardID) error {
	return tx.exec("UPDATE devices SET kind = 0, name = '', token_hash = ?, epoch = 0, revoked_at = created_at WHERE card_id = ?",
		[]byte{}, uid(card))
}

// erasedAtOnce is how many details one statement deletes.
const erasedAtOnce = 500

// eraseDetails deletes what a card's entries only commit to.
func (tx *Tx) eraseDetails(card loyalty.CardID) error {
	type entry struct {
		id  uid
		seq int64
	}
	var last int64
	for {
		list, err := all(tx.db.Table("entries AS e").Select("e.id, e.seq").Where("e.card_id = ? AND e.seq > ?", uid(card), last).
			Order("e.seq").Limit(erasedAtOnce), func(r source) entry { return entry{r.id(), r.number()} })
		if err != nil || len(list) == 0 {
			return err
		}
		ids := make([]uid, len(list))
		for i := range list {
			ids[i], last = list[i].id, list[i].seq
		}
		if err := tx.exec("DELETE FROM details WHERE entry_id IN ?", ids); err != nil {
			return err
		}
		if err := tx.exec("UPDATE entries SET explained = NULL WHERE id IN ? AND explained IS NOT NULL", ids); err != nil {
			return err
		}
		if err := tx.exec("UPDATE refunds SET amount = 0, lines = ? WHERE entry_id IN ?", []byte{}, ids); err != nil {
			return err
		}
	}
}
