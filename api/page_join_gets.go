package api

import (
	"cmp"
	"slices"
	"strings"

	"stempel/internal/loyalty"
	"stempel/passes"
	"stempel/passes/poster"
	"stempel/passes/web"
)

// getsOf are the discount, the tiers and the rewards of a program, with what they take,
// in the poster's words. What only some of those who may have the card get is left out.
func getsOf(d *door, l passes.Language) []string {
	texts, standing := d.face.In(l), &d.face.Standing
	gets := []string{cmp.Or(poster.Promise(&d.face, l), texts.Next)}
	if d.face.Kind == loyalty.Discount && standing.Rate > 0 {
		if gets = []string{texts.Count}; standing.Missing > 0 {
			gets = append(gets, texts.Next)
		}
	}
	if d.face.Kind == loyalty.Discount {
		gets = append(gets, laterSteps(d, l)...)
	}
	gets = append(gets, tierLines(d, l)...)
	for i := range d.program.Rewards {
		name := d.program.Rewards[i].Name
		if cost := d.program.Rewards[i].Cost; cost > 0 {
			name = poster.Price(d.face.Kind, cost, name, l)
		}
		if d.program.Rewards[i].Only.IsZero() && d.program.Rewards[i].ID != d.face.Progress.Next.Reward && !slices.Contains(gets, name) {
			gets = append(gets, name)
		}
	}
	return gets
}

// laterSteps are the steps of a discount that come after the next one.
func laterSteps(d *door, l passes.Language) (lines []string) {
	for _, step := range d.program.Discount.Steps {
		if step.From > d.face.Standing.Missing {
			lines = append(lines, strings.NewReplacer(
				"{p}", passes.Percent(l, step.Rate), "{n}", passes.Money(l, step.From, d.program.Discount.Currency),
			).Replace(web.Say(l, "join.step", d.face.Brand.Name)))
		}
	}
	return lines
}

// tierLines are the tiers of a program, each with what it takes and what it brings.
func tierLines(d *door, l passes.Language) (lines []string) {
	tiers := &d.program.Tiers
	for i := range tiers.Levels {
		level := &tiers.Levels[i]
		line := strings.ReplaceAll(web.Say(l, "join.tier", d.face.Brand.Name), "{t}", level.Name)
		switch {
		case level.From == 0:
		case tiers.By == loyalty.TierBySpend:
			line = strings.NewReplacer("{t}", level.Name, "{n}", passes.Money(l, level.From, tiers.Currency)).
				Replace(web.Say(l, "join.tier.from", d.face.Brand.Name))
		default:
			line = poster.Price(d.face.Kind, level.From, level.Name, l)
		}
		brings := slices.Clone(level.Perks)
		if level.Rate > 0 {
			brings = slices.Insert(brings, 0, strings.ReplaceAll(web.Say(l, "join.off", d.face.Brand.Name), "{p}", passes.Percent(l, level.Rate)))
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
