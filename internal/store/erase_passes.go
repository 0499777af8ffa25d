package store

import (
	"time"

	"stempel/internal/loyalty"
)

// endedMemory is how long a pass that has ended is still known, with the phones that
// show it: one that was switched off all the while is told, too, to empty its own.
const endedMemory = 30 * 24 * time.Hour

// erasePasses ends the passes of a card for ever. The card gets other ones, if it is
// ever added to a wallet again; of these, wallets are told to show nothing any more.
// That takes the fan-out's way, by the card's mark, whether anything watches it or not.
func (tx *Tx) erasePasses(card loyalty.CardID, now time.Time) error {
	if err := tx.endPasses(card, now, "1 = 1"); err != nil {
		return err
	}
	return tx.leave(card)
}

// endPasses is erasePasses for some of them. Whether the card is watched by anything
// else is left as it is. The mark comes before the passes, as Settle has it.
func (tx *Tx) endPasses(card loyalty.CardID, now time.Time, which string, args ...any) error {
	var standing int64
	err := tx.db.Table("passes").Where("card_id = ? AND removed_at = 0", uid(card)).Where(which, args...).Count(&standing).Error
	if err != nil || standing == 0 {
		return translate(err, false)
	}
	err = tx.exec("INSERT INTO dirty (card_id, since) VALUES (?, ?)"+dirtyAgain, uid(card), micros(now))
	if err != nil {
		return err
	}
	args = append([]any{micros(now), uid(card)}, args...)
	return tx.exec("UPDATE passes SET removed_at = ?, due_at = 0 WHERE card_id = ? AND removed_at = 0 AND "+which, args...)
}

// standing holds that a pass has not ended. Errors: loyalty.ErrNotFound.
func (tx *Tx) standing(pass loyalty.PassID) error {
	_, err := first(tx.db.Table("passes AS p").Select("p.id").Where("p.id = ? AND p.removed_at = 0", uid(pass)),
		func(r source) loyalty.PassID { return r.id() })
	return err
}
