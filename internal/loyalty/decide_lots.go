package loyalty

import (
	"fmt"
	"time"
)

// keepLots brings the lots up to date with an entry that was just posted.
func (d *deciding) keepLots(e *Entry) {
	if d.rules.Lots == nil || e.Units == 0 {
		return
	}
	d.lots = d.lots.after(e, d.freshLots(e))
	d.tieUp()
}

// tieUp makes a lot of what is in none: what the card had before the program got
// lots, and what comes back of that. It counts from now.
func (d *deciding) tieUp() {
	if d.card.Balance <= d.lots.left() {
		return
	}
	l := Lot{Card: d.card.ID, Entry: beforeLots(d.card.ID), Seq: d.card.Seq, Available: d.now}
	_, l.Expires = d.rules.Lots.dates(d.now, d.zone())
	d.lots = d.lots.tieUp(d.card.Balance, l)
}

// freshLots are those that come in with an entry.
func (d *deciding) freshLots(e *Entry) []Lot {
	switch e.Kind {
	case Earn, Opening, Adjust:
		if e.Units < 0 {
			return nil
		}
		l := Lot{Card: e.Card, Entry: e.ID, Seq: e.Seq, Units: e.Units, Left: e.Units}
		at := d.now
		if e.Kind == Earn {
			at = d.earnedAt()
		}
		l.Available, l.Expires = d.rules.Lots.dates(at, d.zone())
		return []Lot{l}
	case Merge:
		for i := range d.arriving {
			d.arriving[i].Card, d.arriving[i].Seq = e.Card, e.Seq
		}
		return d.arriving
	}
	return nil
}

// leaving are a card's live lots as another card gets them.
func (d *deciding) leaving() []Lot {
	var gone []Lot
	for _, l := range d.lots {
		if l.Left > 0 {
			l.Units, l.Expired = l.Left, 0
			gone = append(gone, l)
		}
	}
	return gone
}

// letLotsGo posts what has run out at a time.
func (d *deciding) letLotsGo(now time.Time) {
	if d.rules.Lots == nil {
		return
	}
	d.tieUp()
	if due := d.lots.due(now); due > 0 {
		d.lapse(due)
	}
}

// lapse posts that units are gone. Where none is left, nothing before can be undone.
func (d *deciding) lapse(units int64) {
	d.post(Entry{Kind: Expire, Units: -units})
	if d.card.Balance == 0 {
		d.card.Floor = d.card.Seq
		d.card.Cycle++
	}
}

// pay refuses what the card cannot pay now, and says when it can.
func (d *deciding) pay(cost int64) error {
	has := d.card.Balance
	if d.rules.Lots != nil {
		has = min(has, d.lots.spendable(d.now))
	}
	if has >= cost {
		return nil
	}
	r := refuse(InsufficientBalance, fmt.Sprintf("This reward costs %d, the card has %d.", cost, has))
	r.Least, r.Most = cost, max(0, has)
	if pending := d.card.Balance - has; pending > 0 {
		r.Message = fmt.Sprintf("This reward costs %d, the card has %d that can be used now. %d more are pending.", cost, has, pending)
		if r.RetryAt = d.lots.enoughAt(cost, d.now); !r.RetryAt.IsZero() {
			r.Message += " The reward can be had from " + r.RetryAt.In(d.zone()).Format("2 January 2006") + "."
		}
	}
	return r
}

// lotsChanged puts down which lots are new and which are others than before.
func (d *deciding) lotsChanged() {
	d.out.Lots = d.lots
	before := lotsByKey(d.state.Lots)
	for _, l := range d.lots {
		switch was := before(lotKey(&l)); {
		case was == nil:
			d.out.LotsNew = append(d.out.LotsNew, l)
		case *was != l:
			d.out.LotsChanged = append(d.out.LotsChanged, l)
		}
	}
}

// lotsByKey finds lots. Most cards have so few that looking through them costs less
// than a map.
func lotsByKey(lots []Lot) func(key [2][16]byte) *Lot {
	const few = 32
	if len(lots) <= few {
		return func(key [2][16]byte) *Lot {
			if i := find(lots, key, lotKey); i >= 0 {
				return &lots[i]
			}
			return nil
		}
	}
	index := make(map[[2][16]byte]*Lot, len(lots))
	for i := range lots {
		index[lotKey(&lots[i])] = &lots[i]
	}
	return func(key [2][16]byte) *Lot { return index[key] }
}

func lotKey(l *Lot) [2][16]byte { return [2][16]byte{l.Card, l.Entry} }

// lapseOverdue decides a Lapse: on a blocked card, too. It is refused where nothing
// has fallen due.
func lapseOverdue(f *Facts, c *Command, now time.Time, newID func() [16]byte) (*Decision, error) {
	d, err := decidingOn(f, c, c.Card, now, newID)
	if err != nil {
		return nil, err
	}
	if err := CheckMerged(d.card); err != nil {
		return nil, err
	}
	d.letGo()
	if len(d.out.Entries) == 0 {
		return nil, refuse(InsufficientBalance, "No units of this card have run out.")
	}
	return d.end(), nil
}
