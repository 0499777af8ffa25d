package api

import (
	"cmp"
	"slices"

	"stempel/api/gen"
	"stempel/internal/whatif"
)

// WhatIf shows a report as the contract has it.
func WhatIf(r *whatif.Report) gen.WhatIf {
	q := r.Question
	view := gen.WhatIf{
		Program: q.Current.ID, Version: q.Current.Version, From: q.From, To: q.To,
		Complete: r.Complete, Note: r.Note(), Cards: r.Cards, Entries: r.Entries,
		Before: whatIfTotals(q, &r.Before), After: whatIfTotals(q, &r.After),
		Ledger: gen.WhatIfDifference{Cards: r.Ledger.Cards, Units: r.Ledger.Units},
		Kept:   []gen.WhatIfKept{}, Better: r.Better, Worse: r.Worse, Same: r.Same,
		Winners: whatIfCards(r.Winners), Losers: whatIfCards(r.Losers),
	}
	for why, kept := range r.Kept {
		view.Kept = append(view.Kept, gen.WhatIfKept{Why: gen.WhatIfKeptWhy(why), Entries: kept.Entries, Units: kept.Units})
	}
	slices.SortFunc(view.Kept, func(a, b gen.WhatIfKept) int { return cmp.Compare(a.Why, b.Why) })
	for _, class := range r.Classes() {
		shown := gen.WhatIfClass{Cards: class.Cards}
		if !class.NoFrom {
			shown.From = &class.From
		}
		if !class.NoTo {
			shown.To = &class.To
		}
		view.Histogram = append(view.Histogram, shown)
	}
	return view
}

func whatIfTotals(q *whatif.Question, t *whatif.Totals) gen.WhatIfTotals {
	view := gen.WhatIfTotals{
		Earns: t.Earns, Issued: t.Issued, Redeemed: t.Redeemed, Expired: t.Expired, Outstanding: t.Outstanding,
		Owed: t.Owed, Discount: t.Discount, Rewards: []gen.WhatIfReward{}, Refused: []gen.WhatIfRefused{},
	}
	if q.Value != nil {
		liability := q.Value.Of(t.Outstanding)
		view.Liability = &liability
	}
	for id, sums := range t.Rewards {
		view.Rewards = append(view.Rewards, gen.WhatIfReward{
			Reward: id, Name: q.RewardName(id),
			Issued: sums.Issued, Withdrawn: sums.Withdrawn, Redeemed: sums.Redeemed,
			Discount: sums.Off, Live: sums.Live, Left: sums.Left,
		})
	}
	slices.SortFunc(view.Rewards, func(a, b gen.WhatIfReward) int { return a.Reward.Compare(b.Reward) })
	for what, entries := range t.Refused {
		view.Refused = append(view.Refused, gen.WhatIfRefused{
			Kind: gen.EntryKind(what.Kind.String()), Code: gen.ProblemCode(what.Code), Entries: entries,
		})
	}
	slices.SortFunc(view.Refused, func(a, b gen.WhatIfRefused) int {
		return cmp.Or(cmp.Compare(b.Entries, a.Entries), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
	})
	return view
}

func whatIfCards(list []whatif.Comparison) []gen.WhatIfCard {
	view := []gen.WhatIfCard{}
	for _, c := range list {
		view = append(view, gen.WhatIfCard{Card: c.Card, Before: c.Before, After: c.After})
	}
	return view
}
