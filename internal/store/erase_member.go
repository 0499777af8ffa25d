package store

import (
	"context"
	"errors"

	"stempel/internal/loyalty"
)

// EraseMember deletes a member and all that is kept of the person: contacts,
// consents, ids that were merged, and of the member's cards the details of all
// entries, notes, phones' tokens, and stored answers. The cards stay, with their
// entries and balances, and are nobody's. answer is told how many.
//
// Stored answers are found by reading their whole table: an index on it would be
// paid by every scan, and members are erased rarely.
//
// Errors: loyalty.ErrNotFound; what answer returns; as of Once.
func (s *Store) EraseMember(ctx context.Context, r loyalty.Answer, m loyalty.MerchantID, id loyalty.MemberID, answer func(erased loyalty.MemberID, cards int) (loyalty.Answer, error)) (loyalty.Answer, error) {
	told, err := s.Once(ctx, r, func(tx *Tx) (loyalty.Answer, error) {
		member, err := tx.member(m, id)
		if err != nil {
			return loyalty.Answer{}, err
		}
		cards, err := tx.erase(member.ID)
		if err != nil {
			return loyalty.Answer{}, err
		}
		return answer(member.ID, cards)
	})
	if err != nil {
		return loyalty.Answer{}, err
	}
	_ = s.engine.wipe(ctx, true) // it is done; Prune wipes what cannot be wiped now
	return told, nil
}

func (tx *Tx) erase(id loyalty.MemberID) (cards int, err error) {
	list, err := all(tx.db.Table("card_members AS a").Select(attachmentColumns).Where("a.member_id = ?", uid(id)), getAttachment)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		if err := tx.eraseWithSurvivors(a.Card); err != nil {
			return 0, err
		}
	}
	for _, statement := range []string{
		"DELETE FROM requests WHERE card_id IN (SELECT id FROM members WHERE merged_into = ?)",
		"DELETE FROM requests WHERE card_id = ?", // the member's own, see about
		"DELETE FROM contacts WHERE member_id = ?",
		"DELETE FROM consents WHERE member_id = ?",
		"DELETE FROM card_members WHERE member_id = ?",
		"DELETE FROM members WHERE merged_into = ?",
		"DELETE FROM members WHERE id = ?",
	} {
		if err := tx.exec(statement, uid(id)); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// eraseWithSurvivors erases what is kept beside a card, and beside those that it
// was merged into, unless somebody else's.
func (tx *Tx) eraseWithSurvivors(card loyalty.CardID) error {
	for {
		if err := errors.Join(tx.eraseBeside(card), tx.eraseMerged(card)); err != nil {
			return err
		}
		survivor, err := first(tx.db.Table("cards AS c").Select("c.merged_into").Where("c.id = ?", uid(card)),
			func(r source) loyalty.CardID { return r.id() })
		if err != nil || survivor.IsZero() {
			return err
		}
		var owners int64
		if err := tx.db.Table("card_members").Where("card_id = ?", uid(survivor)).Count(&owners).Error; err != nil || owners > 0 {
			return translate(err, false) // the owner's, or it has a turn of its own
		}
		card = survivor
	}
}

// eraseMerged erases what is kept beside the cards that were merged into one,
// unless they are somebody else's: their merges name each other.
func (tx *Tx) eraseMerged(card loyalty.CardID) error {
	merged, err := all(tx.db.Table("entries AS e").Select("o.card_id").Joins("JOIN entries o ON o.id = e.origin_id").
		Where("e.card_id = ? AND e.kind = ? AND e.commitment IS NOT NULL", uid(card), int64(loyalty.Merge)).
		Where("NOT EXISTS (SELECT 1 FROM card_members m WHERE m.card_id = o.card_id)"),
		func(r source) loyalty.CardID { return r.id() })
	for _, from := range merged {
		if err = errors.Join(err, tx.eraseBeside(from), tx.eraseMerged(from)); err != nil {
			return err
		}
	}
	return err
}

// eraseBeside erases what is kept beside one card and its entries.
func (tx *Tx) eraseBeside(card loyalty.CardID) error {
	if err := tx.eraseDetails(card); err != nil {
		return err
	}
	if err := tx.eraseDevices(card); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM requests WHERE card_id = ?",
		"UPDATE card_changes SET note = '' WHERE card_id = ?",
	} {
		if err := tx.exec(statement, uid(card)); err != nil {
			return err
		}
	}
	return nil
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
	}
}
