package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// reach is what of a member's doings is kept beside cards: those that are the
// member's, and those that are nobody's and that they were merged into, or that
// were merged into them.
type reach struct {
	attached []loyalty.Attachment
	others   []loyalty.CardID
}

// ids are all cards, in the order in which they are locked.
func (r *reach) ids() []loyalty.CardID {
	ids := slices.Clone(r.others)
	for i := range r.attached {
		ids = append(ids, r.attached[i].Card)
	}
	slices.SortFunc(ids, loyalty.CardID.Compare)
	return ids
}

// owned are the member's own, in that order.
func (r *reach) owned() []loyalty.CardID {
	ids := make([]loyalty.CardID, len(r.attached))
	for i := range r.attached {
		ids[i] = r.attached[i].Card
	}
	return ids
}

// ReachedCards are all cards beside which something is kept of a member, each with
// since when it is the member's: those that are nobody's, and were merged with one
// of the member's, come last, without.
func (s *Store) ReachedCards(ctx context.Context, member loyalty.MemberID) ([]loyalty.Attachment, error) {
	r, err := reachOf(s.engine.reader().WithContext(ctx), member)
	for _, card := range r.others {
		r.attached = append(r.attached, loyalty.Attachment{Card: card})
	}
	return r.attached, err
}

// reachOf follows all merges from a member's cards.
func reachOf(db *gorm.DB, member loyalty.MemberID) (r reach, err error) {
	r.attached, err = all(db.Table("card_members AS a").Select(attachmentColumns).
		Where("a.member_id = ?", uid(member)).Order("a.card_id"), getAttachment)
	if err == nil {
		r.others, err = mergedBeside(db, r.ids())
	}
	return r, err
}

// mergedBeside follows all merges from cards to others that are nobody's.
func mergedBeside(db *gorm.DB, cards []loyalty.CardID) (others []loyalty.CardID, err error) {
	known := map[loyalty.CardID]bool{}
	next := slices.Clone(cards)
	for _, card := range next {
		known[card] = true
	}
	for len(next) > 0 {
		found, err := unownedBeside(db, next[0])
		if err != nil {
			return nil, err
		}
		next = next[1:]
		for _, card := range found {
			if !known[card] {
				known[card] = true
				next, others = append(next, card), append(others, card)
			}
		}
	}
	return others, nil
}

// unownedBeside are the cards that one was merged into, or that were merged into
// it (their merges name each other), unless they are somebody's.
func unownedBeside(db *gorm.DB, card loyalty.CardID) ([]loyalty.CardID, error) {
	survivor, err := all(db.Table("cards AS c").Select("c.merged_into").
		Where("c.id = ? AND c.merged_into IS NOT NULL", uid(card)).
		Where("NOT EXISTS (SELECT 1 FROM card_members m WHERE m.card_id = c.merged_into)"),
		func(r source) loyalty.CardID { return r.id() })
	if err != nil {
		return nil, err
	}
	merged, err := all(db.Table("entries AS e").Select("o.card_id").Joins("JOIN entries o ON o.id = e.origin_id").
		Where("e.card_id = ? AND e.kind = ? AND e.commitment IS NOT NULL", uid(card), int64(loyalty.Merge)).
		Where("NOT EXISTS (SELECT 1 FROM card_members m WHERE m.card_id = o.card_id)"),
		func(r source) loyalty.CardID { return r.id() })
	return append(survivor, merged...), err
}
