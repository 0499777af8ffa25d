package loyalty

import (
	"fmt"
	"slices"
)

// refund takes one: no entry is refunded beyond what it brought in.
func (p *proof) refund(e *Entry) string {
	origin, ok := p.posted[e.Origin]
	switch {
	case !ok || origin.kind != Earn && origin.kind != Grant:
		return "refunds no earn or grant before it: " + e.Origin.String()
	case origin.voided:
		return "refunds an entry that was taken back: " + e.Origin.String()
	case e.Units > 0 || origin.refunded-e.Units > origin.units:
		return fmt.Sprintf("refunds %d units of %d, after %d", -e.Units, origin.units, origin.refunded)
	}
	origin.refunded -= e.Units
	p.posted[e.Origin] = origin
	p.sum.Lifetime += e.Units
	return ""
}

// expect takes what is kept of the card's lots. Their dates cannot be told from
// entries: they are the rules' and the place's.
func (p *proof) expect(lots []Lot) error {
	for i := range lots {
		l := &lots[i]
		problem := ""
		switch {
		case l.Card != p.card.ID:
			problem = "belongs to " + l.Card.String()
		case l.Left < 0 || l.Expired < 0 || l.Units < 0 || l.spent() < 0:
			problem = fmt.Sprintf("has %d left and %d expired of %d", l.Left, l.Expired, l.Units)
		case bag(lots[:i]).find(l.Entry) != nil:
			problem = "stands twice"
		default:
			continue
		}
		return p.lotFlaw(l, problem)
	}
	p.stored = lots
	return nil
}

func (p *proof) lotFlaw(l *Lot, problem string) error {
	return &Flaw{Card: p.card.ID, Problem: fmt.Sprintf("has a lot of %s that %s", l.Entry, problem)}
}

// follow brings the lots up to date with the next entry, as deciding it did.
func (p *proof) follow(e *Entry) {
	if len(p.stored) == 0 {
		return
	}
	if e.Kind == Merge && e.Commitment == (Hash{}) {
		p.left = slices.Clone(p.bag)
	}
	var fresh []Lot
	for _, l := range p.stored {
		if l.Seq == e.Seq && l.Entry != beforeLots(e.Card) {
			fresh = append(fresh, l.whole(e))
		}
	}
	p.bag = p.bag.after(e, fresh)
	if first := bag(p.stored).find(beforeLots(e.Card)); first != nil && e.Seq >= first.Seq {
		begun := *first
		begun.Units, begun.Left, begun.Expired = 0, 0, 0
		p.bag = p.bag.tieUp(e.Balance, begun)
	}
}

// whole is a lot as it came in with its entry. Of those that a merge brought in
// nothing is ever taken back.
func (l Lot) whole(e *Entry) Lot {
	if e.Kind != Merge {
		l.Units = e.Units
	}
	l.Left, l.Expired = l.Units, 0
	return l
}

// lots compares what is kept with what the entries make of it.
func (p *proof) lots() error {
	switch {
	case len(p.stored) == 0 && p.partly > 0:
		return &Flaw{Card: p.card.ID, Problem: fmt.Sprintf("let a part of its units lapse with entry %d, and has no lots", p.partly)}
	case len(p.stored) == 0:
		return nil
	}
	for i := range p.stored {
		l := &p.stored[i]
		made := p.bag.find(l.Entry)
		switch {
		case made == nil:
			return p.lotFlaw(l, "no entry brought in")
		case *made != *l:
			return p.lotFlaw(l, fmt.Sprintf("has %d left and %d expired of %d; its entries make that %d, %d and %d",
				l.Left, l.Expired, l.Units, made.Left, made.Expired, made.Units))
		}
	}
	if left, balance := bag(p.stored).left(), max(0, p.card.Balance); left != balance {
		return &Flaw{Card: p.card.ID, Problem: fmt.Sprintf("has %d left in its lots, and a balance of %d", left, balance)}
	}
	return nil
}
