package whatif

import (
	"cmp"
	"fmt"
	"slices"

	"stempel/internal/loyalty"
)

// Report is what a change would have meant.
type Report struct {
	Question *Question
	Complete bool  // all cards were replayed
	Cards    int64 // that were; those merged into others count as one with them
	Entries  int64 // of their histories, also from before the span

	Before, After Totals // by the current rules, and by the changed ones
	Ledger        Difference
	Kept          map[loyalty.KeptWhy]loyalty.Kept // could not be decided again

	Better, Worse, Same int64        // cards, by what they are worth to their holders
	Winners, Losers     []Comparison // those with the largest changes first
	Histogram           [len(bounds) + 1]int64
}

// Totals are those of all cards, by some rules.
type Totals struct {
	loyalty.Sums
	Outstanding int64 // units on cards at the end
	Owed        int64 // units that cards are below zero
}

// Difference is how far the current rules are from what was posted: that was decided
// by other versions.
type Difference struct {
	Cards int64 // that differ
	Units int64 // by which balances do, whichever way
}

// Comparison is what one card is worth to its holder, by both rules: units, or minor
// units of money on discount cards.
type Comparison struct {
	Card          loyalty.CardID
	Before, After int64
}

// Change is what the holder gains, or loses if it is negative.
func (c *Comparison) Change() int64 { return c.After - c.Before }

// bounds part the classes of changes: each begins with one, and the first is below
// them all.
var bounds = [...]int64{-999, -99, -9, 0, 1, 10, 100, 1000}

// Class is one of the classes that changes are counted in.
type Class struct {
	From, To     int64
	NoFrom, NoTo bool // it has no end there
	Cards        int64
}

// Classes are those of the histogram, from the largest losses on.
func (r *Report) Classes() []Class {
	list := make([]Class, len(r.Histogram))
	for i, cards := range r.Histogram {
		c := Class{Cards: cards, NoFrom: i == 0, NoTo: i == len(bounds)}
		if !c.NoFrom {
			c.From = bounds[i-1]
		}
		if !c.NoTo {
			c.To = bounds[i] - 1
		}
		list[i] = c
	}
	return list
}

// Note says why not all cards were replayed, and what to do about it; "" where all were.
func (r *Report) Note() string {
	if r.Complete {
		return ""
	}
	limit := fmt.Sprintf("an answer takes %.0f seconds at most", r.Question.Patience.Seconds())
	if most := r.Question.Entries; most > 0 && r.Entries >= most {
		limit = fmt.Sprintf("an answer is about no more than some %d entries", most)
	}
	return fmt.Sprintf("Only the first %d cards were replayed, with %d entries, as %s. The sums are about these cards alone, and a shorter "+
		"span changes little, since each card is replayed from its beginning. The command stempel program replay on the server takes all cards.",
		r.Cards, r.Entries, limit)
}

func newReport(q *Question) *Report {
	return &Report{Question: q, Kept: map[loyalty.KeptWhy]loyalty.Kept{}}
}

// add adds a card, unless it comes with the one that it was merged into.
func (r *Report) add(card *loyalty.Replayed) {
	if card.Ended {
		return
	}
	r.Cards++
	r.Entries += card.Entries
	r.Before.add(&card.Before)
	r.After.add(&card.After)
	if !card.Exact() {
		r.Ledger.Cards++
		r.Ledger.Units += max(card.Balance-card.Replay, card.Replay-card.Balance)
	}
	for why, kept := range card.Kept {
		sum := r.Kept[why]
		r.Kept[why] = loyalty.Kept{Entries: sum.Entries + kept.Entries, Units: sum.Units + kept.Units}
	}
	r.compare(Comparison{Card: card.Card, Before: card.Before.Worth, After: card.After.Worth})
}

func (r *Report) compare(c Comparison) {
	change := c.Change()
	switch {
	case change > 0:
		r.Better++
		r.Winners = r.among(r.Winners, c)
	case change < 0:
		r.Worse++
		r.Losers = r.among(r.Losers, c)
	default:
		r.Same++
	}
	class, _ := slices.BinarySearch(bounds[:], change+1)
	r.Histogram[class]++
}

// among puts a card where it belongs, if it is among the first.
func (r *Report) among(list []Comparison, c Comparison) []Comparison {
	at, _ := slices.BinarySearchFunc(list, c, func(a, b Comparison) int {
		return cmp.Or(cmp.Compare(abs(b.Change()), abs(a.Change())), a.Card.Compare(b.Card))
	})
	if at >= r.Question.Top {
		return list
	}
	list = slices.Insert(list, at, c)
	return list[:min(len(list), r.Question.Top)]
}

func abs(n int64) int64 { return max(n, -n) }

func (t *Totals) add(e *loyalty.Ending) {
	t.Sums.Add(&e.Sums)
	t.Outstanding += max(0, e.Balance)
	t.Owed += max(0, -e.Balance)
}
