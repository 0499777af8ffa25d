package store

import (
	"fmt"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// lineOf is a card of a merchant, followed by the one that it was merged into, and
// so on to the one that is left. A blocked card leads nowhere. Errors:
// loyalty.ErrNotFound, also for another merchant's card.
func lineOf(db *gorm.DB, m loyalty.MerchantID, card loyalty.CardID) (line []loyalty.Card, err error) {
	for next := card; !next.IsZero(); {
		c, err := first(cardsOf(db).Where("c.id = ? AND c.merchant_id = ?", uid(next), uid(m)), getCard)
		if err != nil {
			return nil, err
		}
		line = append(line, c)
		if next = c.MergedInto; c.Blocked {
			break
		}
	}
	return line, nil
}

// lockLine is lineOf, and locks those cards as posting does. Errors: as of lineOf.
func (tx *Tx) lockLine(m loyalty.MerchantID, card loyalty.CardID) ([]loyalty.Card, error) {
	seen, err := lineOf(tx.db, m, card)
	if err != nil {
		return nil, err
	}
	if err := tx.lockCards(idsOf(seen)); err != nil {
		return nil, err
	}
	line, err := lineOf(tx.db, m, card)
	if err == nil && len(line) != len(seen) {
		err = fmt.Errorf("%w: a card was merged or blocked meanwhile", errAgain)
	}
	return line, err
}

// lockCards locks cards in the order of their ids, as posting does, so that no two
// wait for each other.
func (tx *Tx) lockCards(ids []loyalty.CardID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := all(tx.db.Clauses(locked).Table("cards AS c").Select("c.id").Where("c.id IN ?", uids(ids)).Order("c.id"),
		func(r source) loyalty.CardID { return r.id() })
	return err
}

func idsOf(cards []loyalty.Card) []loyalty.CardID {
	ids := make([]loyalty.CardID, len(cards))
	for i := range cards {
		ids[i] = cards[i].ID
	}
	return ids
}

func cardsOf(db *gorm.DB) *gorm.DB {
	return db.Table("cards AS c").Select(selected("c", cardIdentity+", "+cardState))
}
