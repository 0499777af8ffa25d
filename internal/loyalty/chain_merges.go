package loyalty

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Auditor proves cards one after the other, in any order, and at the end what no
// card shows alone: that what left one in a merge has come to another, once. It
// remembers only cards that were merged. The zero Auditor is ready, and asks nobody for
// his partnership: see Knows.
type Auditor struct {
	ended     map[EntryID]ending // by the merge that ended the card
	survivors []survivor
	tenures   map[Partnership]*Tenure
	before    time.Time
}

type ending struct {
	card  Card
	merge Entry
	lots  bag // that it took along
}

type survivor struct {
	card   Card
	merges []Entry
	counts Counts // of its own entries
	lots   bag
}

// Card is VerifyCard, and holds of each entry that its merchant could post it.
func (a *Auditor) Card(card *Card, vouchers []Voucher, lots []Lot, entries iter.Seq2[Entry, error]) error {
	var strange *Flaw // the first; what the chain says comes before it
	p, err := proveCard(card, vouchers, lots, func(yield func(Entry, error) bool) {
		for e, err := range entries {
			if problem := a.intruder(&e); err == nil && strange == nil && problem != "" {
				strange = &Flaw{Card: card.ID, Seq: e.Seq, Entry: e.ID, Problem: problem}
			}
			if !yield(e, err) {
				return
			}
		}
	})
	switch {
	case err != nil:
		return err
	case strange != nil:
		return strange
	}
	if p.ending != nil {
		if a.ended == nil {
			a.ended = map[EntryID]ending{}
		}
		a.ended[p.ending.ID] = ending{*card, *p.ending, p.left}
	}
	if len(p.merges) > 0 {
		a.survivors = append(a.survivors, survivor{*card, p.merges, p.sum.Counts, p.stored})
	}
	return nil
}

// Merges proves all merges between the cards that held, and returns the flaws by
// card, at most one for each. A card may have been read before its merge and its
// survivor after it: of merges posted since that time, one side may be missing.
func (a *Auditor) Merges(since time.Time) []*Flaw {
	var flaws []*Flaw
	for i := range a.survivors {
		if flaw := a.survivor(&a.survivors[i], since); flaw != nil {
			flaws = append(flaws, flaw)
		}
	}
	for _, e := range a.ended { // what no survivor has claimed
		if e.merge.Posted.Before(since) {
			flaws = append(flaws, &Flaw{
				Card: e.card.ID, Seq: e.merge.Seq, Entry: e.merge.ID,
				Problem: "has not arrived on " + e.card.MergedInto.String(),
			})
		}
	}
	slices.SortFunc(flaws, func(a, b *Flaw) int { return a.Card.Compare(b.Card) })
	return flaws
}

// survivor claims the cards that were merged into one.
func (a *Auditor) survivor(s *survivor, since time.Time) *Flaw {
	inherited, counts := int64(0), s.counts
	for i := range s.merges {
		merge := &s.merges[i]
		from, found := a.ended[merge.Origin]
		if !found && !merge.Posted.Before(since) {
			return nil
		}
		if !found || !from.fits(s.card.ID, merge) {
			return &Flaw{
				Card: s.card.ID, Seq: merge.Seq, Entry: merge.ID,
				Problem: "brings in what has not left another card for it with " + merge.Origin.String(),
			}
		}
		if !from.brought(s.lots, merge.Seq) {
			return &Flaw{
				Card: s.card.ID, Seq: merge.Seq, Entry: merge.ID,
				Problem: "brings in other lots than were left on " + from.card.ID.String(),
			}
		}
		delete(a.ended, merge.Origin)
		inherited += from.card.Earned() - merge.Units
		counts, _ = counts.and(from.card.Counts)
	}
	if s.card.Inherited != inherited {
		return &Flaw{
			Card:    s.card.ID,
			Problem: fmt.Sprintf("has inherited %d, the cards merged into it had %d", s.card.Inherited, inherited),
		}
	}
	if !sameCounts(s.card.Counts, counts) {
		return &Flaw{
			Card:    s.card.ID,
			Problem: fmt.Sprintf("counts %s, its entries and the cards merged into it add up to %s", s.card.Counts.inTotal(), counts.inTotal()),
		}
	}
	return nil
}

// fits reports whether a card ended with the other side of a merge.
func (e *ending) fits(survivor CardID, merge *Entry) bool {
	return e.card.MergedInto == survivor && e.merge.Origin == merge.ID &&
		e.merge.Units == -merge.Units && e.merge.Hash == merge.Commitment && e.merge.Program == merge.Program
}

// brought reports whether a card's lots came to its survivor as they were left.
func (e *ending) brought(lots bag, seq int64) bool {
	came := 0
	for i := range lots {
		if lots[i].Seq == seq && lots[i].Entry != beforeLots(lots[i].Card) {
			came++
		}
	}
	for i := range e.lots {
		left := &e.lots[i]
		if left.Left == 0 {
			continue
		}
		l := lots.find(left.Entry)
		if l == nil || l.Seq != seq || l.Units != left.Left || !l.Available.Equal(left.Available) || !l.Expires.Equal(left.Expires) {
			return false
		}
		came--
	}
	return came == 0
}
