package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// auditPage is how many cards are read from one snapshot.
const auditPage = 200

// EachCard calls f with every card in the order of ids, its vouchers, oldest
// first, its lots, and its entries in the order of Seq. What f gets is of one moment;
// posting goes on meanwhile. Entries are streamed while f runs, so that a long
// card costs no more here than a short one. An error that they yield must be returned.
//
// Errors: what f returns; one about rows that belong to no card; as of reading.
func (s *Store) EachCard(ctx context.Context, f func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error) error {
	last := loyalty.CardID{}
	for more := true; more; {
		err := s.snapshot(ctx, func(db *gorm.DB) (err error) {
			last, more, err = auditPageAfter(db, last, f)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// snapshot runs f in a transaction that sees one moment, and writes nothing.
func (s *Store) snapshot(ctx context.Context, f func(*gorm.DB) error) error {
	tx := s.engine.reader().WithContext(ctx).
		Begin(&sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if tx.Error != nil {
		return translate(tx.Error, false)
	}
	defer tx.Rollback()
	return f(tx)
}

// auditPageAfter does one page. Entries and vouchers are read by the range of
// its cards, not by card, so that those of a card that is not there are found.
func auditPageAfter(db *gorm.DB, last loyalty.CardID, f func(loyalty.Card, []loyalty.Voucher, []loyalty.Lot, iter.Seq2[loyalty.Entry, error]) error) (end loyalty.CardID, more bool, err error) {
	cards, err := all(db.Table("cards AS c").Select(selected("c", cardIdentity+", "+cardState)).
		Where("c.id > ?", last[:]).Order("c.id").Limit(auditPage), getCard)
	if err != nil {
		return last, false, err
	}
	end = loyalty.CardID(bytes.Repeat([]byte{0xff}, len(end)))
	if more = len(cards) == auditPage; more {
		end = cards[auditPage-1].ID
	}
	vouchers, err := all(db.Table("vouchers AS v").Select(selected("v", voucherColumns)).
		Where("v.card_id > ? AND v.card_id <= ?", last[:], end[:]).Order("v.card_id, v.issued_at, v.id"), getVoucher)
	if err != nil {
		return last, false, err
	}
	lots, err := all(db.Table("lots AS l").Select(selected("l", lotColumns)).
		Where("l.card_id > ? AND l.card_id <= ?", last[:], end[:]).Order("l.card_id, l.seq, l.entry_id"), getLot)
	if err != nil {
		return last, false, err
	}
	rows, err := db.Table("entries AS e").Select(selected("e", entryColumns)).
		Where("e.card_id > ? AND e.card_id <= ?", last[:], end[:]).Order("e.card_id, e.seq").Rows()
	if err != nil {
		return last, false, translate(err, false)
	}
	defer rows.Close()
	entries := &stream[loyalty.Entry]{
		cursor: newCursor(rows), get: getEntry, card: func(e *loyalty.Entry) loyalty.CardID { return e.Card },
	}
	entries.advance()
	for i := range cards {
		own := 0
		for own < len(vouchers) && vouchers[own].Card == cards[i].ID {
			own++
		}
		brought := 0
		for brought < len(lots) && lots[brought].Card == cards[i].ID {
			brought++
		}
		if err := f(cards[i], vouchers[:own:own], lots[:brought:brought], entries.of(cards[i].ID)); err != nil {
			return last, false, err
		}
		entries.skip(cards[i].ID)
		vouchers, lots = vouchers[own:], lots[brought:]
	}
	return end, more, leftOver(entries, vouchers, lots)
}

// leftOver complains about what the cards of a page did not claim. Both lists
// are in the order of cards: behind an orphan nothing is claimed any more.
func leftOver(entries *stream[loyalty.Entry], vouchers []loyalty.Voucher, lots []loyalty.Lot) error {
	switch {
	case entries.cursor.err != nil:
		return translate(entries.cursor.err, false)
	case entries.more:
		return fmt.Errorf("entry %s is of %s, which does not exist", entries.head.ID, entries.head.Card)
	case len(vouchers) > 0:
		return fmt.Errorf("voucher %s is of %s, which does not exist", vouchers[0].ID, vouchers[0].Card)
	case len(lots) > 0:
		return fmt.Errorf("the lot of %s is of %s, which does not exist", lots[0].Entry, lots[0].Card)
	}
	return nil
}

// stream hands out the entries of one card after the other.
type stream[T any] struct {
	cursor *cursor
	get    func(source) T
	card   func(*T) loyalty.CardID
	head   T // the next one, if there is more
	more   bool
}

func (s *stream[T]) advance() {
	if s.more = s.cursor.next(); s.more {
		s.head = s.get(&s.cursor.row)
	}
}

func (s *stream[T]) isOf(card loyalty.CardID) bool { return s.more && s.card(&s.head) == card }

func (s *stream[T]) of(card loyalty.CardID) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for s.isOf(card) {
			entry := s.head
			s.advance()
			if !yield(entry, nil) {
				return
			}
		}
		if s.cursor.err != nil {
			var none T
			yield(none, translate(s.cursor.err, false))
		}
	}
}

// skip leaves out what f did not take.
func (s *stream[T]) skip(card loyalty.CardID) {
	for s.isOf(card) {
		s.advance()
	}
}
