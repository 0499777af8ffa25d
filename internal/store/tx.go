package store

import (
	"errors"

	"gorm.io/gorm"

	"stempel/internal/loyalty"
)

// Tx is one open transaction, for the time of the callback that it is given to.
// Its errors are loyalty's where they have a name there: ErrConflict for what is
// there already, ErrNotFound for what a row refers to in vain. After any error
// the transaction is lost: return it.
type Tx struct {
	db    *gorm.DB
	apply func(func(changes) error) error
	bulk  func(func(changes) error) error // insertions alone, as fast as the database can
}

// transact runs f in a transaction of db.
func transact(db *gorm.DB, f func(*gorm.DB) error) (err error) {
	tx := db.Begin()
	if tx.Error != nil {
		return translate(tx.Error, false)
	}
	committing := false
	defer func() {
		if !committing { // f failed or panicked
			tx.Rollback()
		}
	}()
	if err := f(tx); err != nil {
		return translate(err, false)
	}
	committing = true
	return translate(tx.Commit().Error, true)
}

func isAgain(err error) bool { return errors.Is(err, errAgain) }

// create inserts one row of the office.
func (tx *Tx) create(row any) error { return translate(tx.db.Create(row).Error, false) }

// Write writes the rows of a decision, as Post does.
func (tx *Tx) Write(w loyalty.Writes) error {
	return tx.change(func(to changes) error { return write(tx.db.Statement.Context, to, &w) })
}

func (tx *Tx) load(add func(changes) error) error { return translate(tx.bulk(add), false) }

func (tx *Tx) change(add func(changes) error) error { return translate(tx.apply(add), false) }

func insert[T any](tx *Tx, c *change, rows []T, put func(sink, *T)) error {
	return tx.change(func(to changes) error {
		all := writing{ctx: tx.db.Statement.Context, to: to}
		add(&all, c, rows, put)
		return all.err
	})
}

// InsertCard stores a new card; what it starts with comes with Write.
func (tx *Tx) InsertCard(c loyalty.Card) error { return tx.insertCards([]loyalty.Card{c}) }

// insertCards stores new cards, and lists them for the office.
func (tx *Tx) insertCards(cards []loyalty.Card) error {
	return tx.change(func(to changes) error {
		all := writing{ctx: tx.db.Statement.Context, to: to}
		add(&all, insertCards, cards, putCard)
		add(&all, insertEnrolments, cards, putEnrolment)
		return all.err
	})
}

// InsertStock begins to count how many of a limited reward are left.
func (tx *Tx) InsertStock(s loyalty.Stock) error {
	return insert(tx, insertStock, []loyalty.Stock{s}, putStock)
}

// SetStock counts a limited reward anew. Errors: loyalty.ErrNotFound.
func (tx *Tx) SetStock(s loyalty.Stock) error {
	return affected(tx.db.Table("stock").Where("reward_id = ?", uid(s.Reward)).Update("remaining", s.Left))
}

// affected makes "no such row" of an update that found none.
func affected(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected == 0 {
		return loyalty.ErrNotFound
	}
	return translate(done.Error, false)
}
