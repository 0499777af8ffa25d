package loyalty

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Lot is what one entry brought in, with the dates between which it can be spent:
// fixed when it came in, whatever the rules become. Where a program has lots
// (Rules.Lots), a card's balance is the sum of what is left of them, or a debt, and
// then nothing is left of any.
type Lot struct {
	Card      CardID
	Entry     EntryID   // that brought it in, perhaps on a card merged into this one; with the card's own id what was there before lots
	Seq       int64     // of the card's entry that it came with
	Units     int64     // brought in, less what was taken back
	Left      int64     // of these: neither spent nor expired
	Expired   int64     // of these: ran out unspent
	Available time.Time // cannot be spent before
	Expires   time.Time // cannot be spent from then on; zero: never
}

// pending reports whether what is left cannot be spent yet.
func (l *Lot) pending(now time.Time) bool { return l.Left > 0 && now.Before(l.Available) }

// overdue reports whether what is left has run out, though no entry says so yet.
func (l *Lot) overdue(now time.Time) bool {
	return l.Left > 0 && !l.Expires.IsZero() && !now.Before(l.Expires)
}

// spent is what went out of it, for rewards, debts and corrections.
func (l *Lot) spent() int64 { return l.Units - l.Left - l.Expired }

// beforeLots is the Lot.Entry of what a card had when its program got lots.
func beforeLots(card CardID) EntryID { return EntryID(card) }

// bag is the lots of one card in the order in which they are spent: what runs out
// first goes first, and of equals what came first.
type bag []Lot

func sortedBag(lots []Lot) bag {
	b := bag(slices.Clone(lots))
	b.sort()
	return b
}

func (b bag) sort() {
	if len(b) < 2 {
		return
	}
	slices.SortFunc(b, func(x, y Lot) int {
		if x.Expires.IsZero() != y.Expires.IsZero() {
			if x.Expires.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(x.Expires.Compare(y.Expires), cmp.Compare(x.Seq, y.Seq), bytes.Compare(x.Entry[:], y.Entry[:]))
	})
}

func (b bag) left() (n int64) {
	for i := range b {
		n += b[i].Left
	}
	return n
}

// due is what has run out, and is still to be posted.
func (b bag) due(now time.Time) (n int64) {
	for i := range b {
		if b[i].overdue(now) {
			n += b[i].Left
		}
	}
	return n
}

func (b bag) find(entry EntryID) *Lot {
	for i := range b {
		if b[i].Entry == entry {
			return &b[i]
		}
	}
	return nil
}

// after is the bag once an entry of its card is posted. fresh are the lots that
// come in with the entry, whole. Deciding and proving a ledger both go by it.
func (b bag) after(e *Entry, fresh []Lot) bag {
	leaves := e.Kind == Merge && e.Commitment == (Hash{})
	debt := max(0, e.Units-e.Balance) // before the entry
	switch {
	case e.Kind == Expire:
		b.expire(e.Posted, e.Balance == 0)
	case leaves:
		for i := range b {
			b[i].Left = 0
		}
	case e.Units > 0 && e.Kind == Void:
		b.giveBack(e.Units - min(e.Units, debt))
	case e.Units > 0:
		return b.bring(fresh, debt)
	case e.Units < 0 && (e.Kind == Void || e.Kind == Refund):
		b.takeBack(e)
	case e.Units < 0:
		b.take(-e.Units, e.Posted)
	}
	return b
}

// tieUp puts what of a balance is in no lot into that of what was there before lots,
// which is there already or is the one given.
func (b bag) tieUp(balance int64, first Lot) bag {
	loose := balance - b.left()
	if loose <= 0 {
		return b
	}
	own := b.find(first.Entry)
	if own == nil {
		b = append(b, first)
		own = &b[len(b)-1]
	}
	own.Units += loose
	own.Left += loose
	b.sort()
	return b
}

// bring adds lots, of which those that run out first pay a debt.
func (b bag) bring(fresh []Lot, debt int64) bag {
	b = append(b, fresh...)
	b.sort()
	for i := range b {
		if slices.ContainsFunc(fresh, func(l Lot) bool { return l.Entry == b[i].Entry }) {
			paid := min(debt, b[i].Left)
			b[i].Left -= paid
			debt -= paid
		}
	}
	return b
}

// take spends: first what can be spent, then what is pending, which only a
// correction comes to. What nothing is left for becomes a debt.
func (b bag) take(n int64, now time.Time) {
	for _, pending := range []bool{false, true} {
		for i := range b {
			if b[i].pending(now) == pending {
				taken := min(n, b[i].Left)
				b[i].Left -= taken
				n -= taken
			}
		}
	}
}

// giveBack undoes spending, with the old dates: what lasts longest first, since
// it was spent last.
func (b bag) giveBack(n int64) {
	for i := len(b) - 1; i >= 0; i-- {
		given := min(n, b[i].spent())
		b[i].Left += given
		n -= given
	}
}

// takeBack undoes an entry that brought units in, or a part of that: from its own
// lot, and what was spent of that from others.
func (b bag) takeBack(e *Entry) {
	n := -e.Units
	own := b.find(e.Origin)
	if own == nil {
		own = b.find(beforeLots(e.Card))
	}
	if own != nil {
		undone := min(n, own.Units-own.Expired)
		taken := min(undone, own.Left)
		own.Units -= undone
		own.Left -= taken
		n -= taken
	}
	b.take(n, e.Posted)
}

// expire lets go of what has run out, or of all.
func (b bag) expire(now time.Time, all bool) {
	for i := range b {
		if all || b[i].overdue(now) {
			b[i].Expired += b[i].Left
			b[i].Left = 0
		}
	}
}

// Purse is what a card has to spend at a moment.
type Purse struct {
	Spendable int64     // now; negative for a debt
	Pending   int64     // comes to it later
	Available time.Time // when the first of Pending does; zero for none
	Expiring  int64     // of both: what runs out next
	Expires   time.Time // and when; zero: nothing ever does
}

// Purse looks at a card and its live lots. What has run out counts no more,
// although the entry that says so comes with the card's next action, or at night.
func (c *Card) Purse(p *Program, lots []Lot, now time.Time) Purse {
	if at := c.LapsesAt(p); !at.IsZero() && !now.Before(at) {
		return Purse{}
	}
	purse := Purse{Spendable: c.Balance}
	if p.Lots == nil {
		return purse
	}
	for i := range lots {
		l := &lots[i]
		switch {
		case l.overdue(now):
			purse.Spendable -= l.Left
			continue
		case l.pending(now):
			purse.Spendable -= l.Left
			purse.Pending += l.Left
			if purse.Available.IsZero() || l.Available.Before(purse.Available) {
				purse.Available = l.Available
			}
		}
		switch at := l.Expires; {
		case l.Left == 0 || at.IsZero():
		case purse.Expires.IsZero() || at.Before(purse.Expires):
			purse.Expiring, purse.Expires = l.Left, at
		case at.Equal(purse.Expires):
			purse.Expiring += l.Left
		}
	}
	return purse
}

// Spendable is the balance that can be used at now.
func (c *Card) Spendable(p *Program, lots []Lot, now time.Time) int64 {
	return c.Purse(p, lots, now).Spendable
}

// enoughAt is the first moment when so many can be spent, if nothing else happens;
// zero: never.
func (b bag) enoughAt(n int64, now time.Time) (first time.Time) {
	for i := range b {
		at := b[i].Available
		if b[i].pending(now) && (first.IsZero() || at.Before(first)) && b.spendable(at) >= n {
			first = at
		}
	}
	return first
}

func (b bag) spendable(now time.Time) (n int64) {
	for i := range b {
		if !b[i].pending(now) && !b[i].overdue(now) {
			n += b[i].Left
		}
	}
	return n
}

// Due is a card with points that ran out at a moment and are still to be posted.
type Due struct {
	At       time.Time
	Card     CardID
	Merchant MerchantID
}
