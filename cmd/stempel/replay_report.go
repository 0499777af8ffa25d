package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"stempel/api"
	"stempel/api/gen"
	"stempel/internal/loyalty"
	"stempel/internal/whatif"
)

// writeReplay writes a report for people.
func writeReplay(to io.Writer, report *whatif.Report) error {
	r := api.WhatIf(report)
	fmt.Fprintf(to, "%s, version %d, from %s to %s\n", r.Program, r.Version, r.From.Format(time.DateTime), r.To.Format(time.DateTime))
	fmt.Fprintf(to, "%d cards with %d entries: %d gain, %d lose, %d stay as they are\n\n", r.Cards, r.Entries, r.Better, r.Worse, r.Same)

	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(what string, before, after int64) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%+d\t\n", what, before, after, after-before)
	}
	fmt.Fprintln(table, "\tas it is\tas it would be\tdifference\t")
	row("earns", r.Before.Earns, r.After.Earns)
	row("units issued", r.Before.Issued, r.After.Issued)
	row("units redeemed", r.Before.Redeemed, r.After.Redeemed)
	row("units expired", r.Before.Expired, r.After.Expired)
	row("units on cards", r.Before.Outstanding, r.After.Outstanding)
	row("units owed", r.Before.Owed, r.After.Owed)
	row("discount, in minor units", r.Before.Discount, r.After.Discount)
	for _, pair := range rewardPairs(&r) {
		row("vouchers for "+pair.name, pair.before.Issued-pair.before.Withdrawn, pair.after.Issued-pair.after.Withdrawn)
		row("redeemed "+pair.name, pair.before.Redeemed, pair.after.Redeemed)
		if pair.before.Discount|pair.after.Discount != 0 {
			row("taken off with "+pair.name+", in minor units", pair.before.Discount, pair.after.Discount)
		}
		if pair.before.Left|pair.after.Left != 0 {
			row("left on "+pair.name+", in minor units", pair.before.Left, pair.after.Left)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, refused := range r.After.Refused {
		fmt.Fprintf(to, "\nwould be refused: %d × %s, %s", refused.Entries, refused.Kind, refused.Code)
	}
	for _, kept := range r.Kept {
		fmt.Fprintf(to, "\nnot decided again, the same on both sides: %d entries with %d units, %s", kept.Entries, kept.Units, kept.Why)
	}
	if r.Ledger.Cards > 0 {
		fmt.Fprintf(to, "\nearlier versions have decided otherwise than the current one: on %d cards, by %d units", r.Ledger.Cards, r.Ledger.Units)
	}
	fmt.Fprintln(to)
	for _, class := range r.Histogram {
		if class.Cards > 0 {
			fmt.Fprintf(to, "%10d cards change by %s\n", class.Cards, between(class))
		}
	}
	for _, c := range append(r.Winners, r.Losers...) {
		fmt.Fprintf(to, "%s: %d → %d (%+d)\n", c.Card, c.Before, c.After, c.After-c.Before)
	}
	return nil
}

func between(c gen.WhatIfClass) string {
	switch {
	case c.From == nil:
		return fmt.Sprintf("%d or less", *c.To)
	case c.To == nil:
		return fmt.Sprintf("%d or more", *c.From)
	case *c.From == *c.To:
		return fmt.Sprint(*c.From)
	}
	return fmt.Sprintf("%d to %d", *c.From, *c.To)
}

type rewardPair struct {
	name          string
	before, after gen.WhatIfReward
}

// rewardPairs are the rewards of both sides.
func rewardPairs(r *gen.WhatIf) (pairs []rewardPair) {
	at := map[loyalty.RewardID]int{}
	pair := func(reward gen.WhatIfReward) *rewardPair {
		i, known := at[reward.Reward]
		if !known {
			i = len(pairs)
			at[reward.Reward] = i
			pairs = append(pairs, rewardPair{name: reward.Name})
		}
		return &pairs[i]
	}
	for _, reward := range r.Before.Rewards {
		pair(reward).before = reward
	}
	for _, reward := range r.After.Rewards {
		pair(reward).after = reward
	}
	return pairs
}
