package api

import (
	"errors"

	"stempel/api/gen"
	"stempel/internal/loyalty"
)

// simulationView shows what would be decided, or why nothing would be. What no till
// could send is an error here, too.
func simulationView(p *loyalty.Program, sim *loyalty.Simulation) (gen.Simulation, error) {
	view := gen.Simulation{
		Program: p.ID, Version: p.Version, Entries: []gen.SimulatedEntry{}, Vouchers: []string{}, Why: gen.Why{},
	}
	d, err := sim.Decide(loyalty.NewID)
	var refusal *loyalty.Refusal
	if errors.As(err, &refusal) && refusal.Code != loyalty.PurchaseInvalid && refusal.Code != loyalty.UnitsOutOfRange {
		view.Refused = &gen.SimulatedRefusal{Code: gen.ProblemCode(refusal.Code), Detail: refusal.Message, Field: refusal.Field}
		return view, nil
	}
	if err != nil {
		return view, err
	}
	view.Balance = &d.Card.Balance
	for i := range d.Entries {
		e := &d.Entries[i]
		view.Entries = append(view.Entries, gen.SimulatedEntry{
			Kind: gen.EntryKind(e.Kind.String()), Units: e.Units, Balance: e.Balance,
			Rate: e.Counted.Rate, Discount: e.Counted.Off, Spend: e.Counted.Spend,
		})
	}
	for i := range d.Issued {
		if reward, ok := p.Reward(d.Issued[i].Reward); ok {
			view.Vouchers = append(view.Vouchers, reward.Name)
		}
	}
	standing := d.Card.Standing(p, sim.At)
	view.Discount, view.Tier = discountView(p, &standing), tierView(p, &standing.Tier)
	switch do := sim.Do.(type) {
	case loyalty.Granting:
		view.Grant = simulatedGrant(sim, do.Purchase, d.Primary(loyalty.Grant))
	default:
		if view.Why = d.Why; len(view.Why) == 0 {
			view.Why = gen.Why{{Units: d.Primary(loyalty.Earn).Units, Why: loyalty.BaseRate}}
		}
	}
	return view, nil
}

// simulatedGrant is what comes off, and by which step or tier.
func simulatedGrant(sim *loyalty.Simulation, p *loyalty.Purchase, grant *loyalty.Entry) *gen.SimulatedGrant {
	off := grant.Counted.Off
	view := &gen.SimulatedGrant{Rate: grant.Counted.Rate, Off: off, Pay: p.Total - p.PaidWithReward - off, Currency: p.Currency}
	step, tier := sim.Source(grant)
	if step != nil {
		view.From = &step.From
	}
	if tier != nil {
		view.Tier = tier.Name
	}
	return view
}
