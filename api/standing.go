package api

import (
	"slices"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// discountView is what a card takes off; nil in programs that give no discount.
func discountView(p *loyalty.Program, s *loyalty.Standing) *gen.CardDiscount {
	in := p.DiscountsIn()
	if in == "" {
		return nil
	}
	view := &gen.CardDiscount{Rate: s.Rate, Currency: in, Spent: s.Spend}
	if s.Missing > 0 {
		view.Next = &gen.NextDiscount{Rate: s.Next.Rate, From: s.Next.From, Missing: s.Missing}
	}
	return view
}

// tierView is the tier of a card; nil in programs that have none.
func tierView(p *loyalty.Program, s *loyalty.Stand) *gen.CardTier {
	if len(p.Tiers.Levels) == 0 {
		return nil
	}
	view := &gen.CardTier{Counted: s.Counted, Until: s.Until, FallsAt: s.Grace}
	if level := s.Level; level != nil {
		view.Name, view.Multiplier, view.Rate, view.Perks = level.Name, level.Multiplier, level.Rate, level.Perks
	}
	if s.Since != 0 {
		view.Since = s.Since.String()
	}
	if next := s.Next; next != nil {
		view.Next = &gen.NextTier{Name: next.Name, From: next.From, Missing: s.Missing}
	}
	return view
}

// discountOf and tiersOf are the rules that a body writes down.
func discountOf(body *gen.DiscountRules) (rule loyalty.DiscountRule) {
	if body == nil {
		return rule
	}
	rule.Window = loyalty.Window{Over: loyalty.Span(body.Over), Months: body.Months}
	rule.Currency, rule.Rounding = body.Currency, loyalty.Rounding(body.Rounding)
	for _, step := range body.Steps {
		rule.Steps = append(rule.Steps, loyalty.DiscountStep{From: step.From, Rate: step.Rate})
	}
	return rule
}

func tiersOf(body *gen.TierRules) (rule loyalty.TierRule) {
	if body == nil {
		return rule
	}
	rule = loyalty.TierRule{
		Window: loyalty.Window{Over: loyalty.Span(body.Over), Months: body.Months},
		By:     loyalty.TierBasis(body.By), Currency: body.Currency, Keep: body.KeepMonths, Grace: body.GraceMonths,
		Fall: loyalty.Fall(body.Fall), Rounding: loyalty.Rounding(body.Rounding),
	}
	for _, level := range body.Levels {
		rule.Levels = append(rule.Levels, loyalty.Tier{
			Name: level.Name, From: level.From, Multiplier: level.Multiplier, Rate: level.Rate, Perks: slices.Clone(level.Perks),
		})
	}
	return rule
}

// discountRulesView and tierRulesView write them down as they are read; nil where
// there are none.
func discountRulesView(r *loyalty.Rules) *gen.DiscountRules {
	if r.Kind != loyalty.Discount {
		return nil
	}
	d := &r.Discount
	view := &gen.DiscountRules{
		Over: gen.Span(d.Over), Months: d.Months, Currency: d.Currency, Rounding: gen.Rounding(d.Rounding),
	}
	for _, step := range d.Steps {
		view.Steps = append(view.Steps, gen.DiscountStep{From: step.From, Rate: step.Rate})
	}
	return view
}

func tierRulesView(r *loyalty.Rules) *gen.TierRules {
	t := &r.Tiers
	if len(t.Levels) == 0 {
		return nil
	}
	view := &gen.TierRules{
		By: gen.TierBasis(t.By), Currency: t.Currency, Over: gen.Span(t.Over), Months: t.Months,
		KeepMonths: t.Keep, GraceMonths: t.Grace, Fall: gen.Fall(t.Fall), Rounding: gen.Rounding(t.Rounding),
	}
	for _, level := range t.Levels {
		view.Levels = append(view.Levels, gen.TierLevel{
			Name: level.Name, From: level.From, Multiplier: level.Multiplier, Rate: level.Rate, Perks: slices.Clone(level.Perks),
		})
	}
	return view
}
