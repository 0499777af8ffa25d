package api

import (
	"slices"
	"strings"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/poster"
	"stempel/passes/web"
)

// getsOf are what a new card begins with, how one earns, the discount and the rewards of
// a program, with what they take, and its tiers. What only some of those who may have the
// card get is left out.
func getsOf(d *door, l passes.Language) []string {
	gets := append(beginnings(d, l), discountLines(d, l)...)
	rewards := rewardLines(d, l)
	if gets = append(append(gets, rewards...), tierLines(d, l)...); len(gets) == 0 {
		gets = []string{d.face.In(l).Next}
	}
	return gets
}

// said is one of the texts of join pages, with its gaps filled.
func said(d *door, l passes.Language, text string, gaps ...string) string {
	return strings.NewReplacer(gaps...).Replace(web.Say(l, text, d.face.Brand.Name))
}

// beginnings are what a new card begins with, and what a visit or a purchase brings.
func beginnings(d *door, l passes.Language) (lines []string) {
	earn, units := &d.program.Earn, func(n int64) string { return poster.Units(d.face.Kind, n, l) }
	if d.program.Welcome > 0 {
		lines = append(lines, said(d, l, "join.welcome", "{n}", units(d.program.Welcome)))
	}
	switch {
	case earn.PerVisit > 0:
		lines = append(lines, said(d, l, "join.earn.visit", "{n}", units(earn.PerVisit)))
	case earn.Per > 0:
		money, text := func(minor int64) string { return passes.Money(l, minor, earn.Currency) }, "join.earn.spend"
		if earn.Minimum > earn.Per {
			text = "join.earn.minimum"
		}
		lines = append(lines, said(d, l, text, "{n}", units(earn.Units), "{money}", money(earn.Per), "{least}", money(earn.Minimum)))
	}
	return lines
}

// discountLines are the steps of a discount.
func discountLines(d *door, l passes.Language) (lines []string) {
	if d.face.Kind != loyalty.Discount {
		return nil
	}
	if d.face.Standing.Rate > 0 {
		lines = append(lines, d.face.In(l).Count)
	}
	for _, step := range d.program.Discount.Steps {
		if step.From > 0 {
			lines = append(lines, said(d, l, "join.step", "{p}", passes.Percent(l, step.Rate), "{n}", passes.Money(l, step.From, d.program.Discount.Currency)))
		}
	}
	return lines
}

// rewardLines are the rewards, in the poster's words, the first that a new card comes to
// before the others.
func rewardLines(d *door, l passes.Language) (lines []string) {
	if first := poster.Promise(&d.face, l); first != "" {
		lines = append(lines, first)
	}
	for i := range d.program.Rewards {
		reward := &d.program.Rewards[i]
		if !reward.Only.IsZero() || reward.ID == d.face.Progress.Next.Reward {
			continue
		}
		line, rate := reward.Name, &reward.Flexible
		if rate.Per > 0 {
			line += ": " + said(d, l, "wish.rate", "{n}", passes.Points(l, rate.Units), "{money}", passes.Money(l, rate.Per, reward.Currency))
		} else if at := priceOf(d.program, reward); at > 0 {
			line = poster.Price(d.face.Kind, at, line, l)
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// priceOf is for how many units a reward is had, or comes by itself; 0: for none.
func priceOf(p *loyalty.Program, reward *loyalty.Reward) int64 {
	if reward.ID == p.Card.Reward {
		return p.Card.Size
	}
	for _, m := range p.Card.Milestones {
		if m.Reward == reward.ID {
			return m.At
		}
	}
	return reward.Cost
}

// tierLines are the tiers of a program, each with what it takes and what it brings.
func tierLines(d *door, l passes.Language) (lines []string) {
	tiers := &d.program.Tiers
	for i := range tiers.Levels {
		level := &tiers.Levels[i]
		line := said(d, l, "join.tier", "{t}", level.Name)
		switch {
		case level.From == 0:
		case tiers.By == loyalty.TierBySpend:
			line = said(d, l, "join.tier.from", "{t}", level.Name, "{n}", passes.Money(l, level.From, tiers.Currency))
		default:
			line = said(d, l, "join.tier.units", "{t}", level.Name, "{n}", poster.Units(d.face.Kind, level.From, l))
		}
		brings := slices.Clone(level.Perks)
		if level.Rate > 0 {
			brings = slices.Insert(brings, 0, said(d, l, "join.off", "{p}", passes.Percent(l, level.Rate)))
		}
		if len(brings) > 0 {
			line += " – " + strings.Join(brings, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

// forOf says whom a program is for; nothing where it is for everybody.
func forOf(d *door, l passes.Language) (lines []string) {
	only := &d.program.Only
	say := func(what string) { lines = append(lines, web.Say(l, "join.for."+what, d.face.Brand.Name)) }
	if len(only.Agreements) > 0 {
		say("agreements") // whose they are is not for everybody to know
	} else {
		for _, a := range only.Audiences {
			say(string(a))
		}
	}
	if len(only.Tags) > 0 {
		say("tags")
	}
	return lines
}
